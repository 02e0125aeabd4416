# Inbox
notifications-title = Сообщения
notifications-new = новое
notifications-open = Подробнее
notifications-read-all = Отметить все прочитанными
notifications-empty-title = Сообщений нет
notifications-empty-text = Когда что-то произойдёт с вашим заявлением, платежом или документом, мы напишем сюда.
notifications-find-service = Найти услугу
notifications-card-none = Новых сообщений нет
notifications-card-unread =
    { $count ->
        [one] { $count } новое сообщение
        [few] { $count } новых сообщения
       *[many] { $count } новых сообщений
    }
notifications-card-all = Все сообщения

# Demo phone
notifications-phone-title = Демонстрационный телефон
notifications-phone-text = В демонстрации SMS и письма никому не отправляются – они видны здесь. Страница обновляется сама.
notifications-phone-to = Номер телефона или адрес почты
notifications-phone-to-hint = Оставьте пустым, чтобы увидеть всё
notifications-phone-show = Показать
notifications-phone-list = SMS и письма
notifications-phone-sms = SMS
notifications-phone-email = письмо
notifications-phone-empty-title = Пока ничего не пришло
notifications-phone-empty-text = Запросите код или подайте заявление: SMS появится здесь.

# One-time codes
notice-code-register = Peshtoq: код регистрации { $code }. Никому его не сообщайте.
notice-code-sign-in = Peshtoq: код для входа { $code }. Никому его не сообщайте.
notice-code-change-phone = Peshtoq: код для смены номера { $code }. Никому его не сообщайте.

# Notices
notice-case-submitted-title = Заявление принято
notice-case-submitted-body = Заявление «{ $service }» принято. Номер: { $number }. Срок ответа: { $due }.
notice-case-submitted-sms = Peshtoq: заявление { $number } принято. Срок: { $due }.
notice-case-progress-title = Состояние заявления изменилось
notice-case-progress-body = Заявление «{ $service }» ({ $number }): { $state }.
notice-case-progress-sms = Peshtoq: состояние заявления { $number } изменилось.
notice-case-returned-title = Заявление нужно исправить
notice-case-returned-body = Заявление «{ $service }» ({ $number }) возвращено на исправление. Причина: { $reason }. Пока вы исправляете, срок не идёт.
notice-case-returned-sms = Peshtoq: заявление { $number } возвращено на исправление. Зайдите в кабинет.
notice-case-approved-title = Заявление одобрено
notice-case-approved-body = Заявление «{ $service }» ({ $number }) одобрено.
notice-case-approved-sms = Peshtoq: заявление { $number } одобрено.
notice-case-refused-title = В заявлении отказано
notice-case-refused-body = По заявлению «{ $service }» ({ $number }) отказано. Причина: { $reason }. Решение можно обжаловать в кабинете.
notice-case-refused-sms = Peshtoq: в заявлении { $number } отказано. Причина – в кабинете.
notice-case-withdrawn-title = Заявление отозвано
notice-case-withdrawn-body = Заявление «{ $service }» ({ $number }) прекращено по вашей просьбе.
notice-case-withdrawn-sms = Peshtoq: заявление { $number } отозвано.
notice-case-expired-title = Заявление аннулировано
notice-case-expired-body = Заявление «{ $service }» ({ $number }) аннулировано: оно не было оплачено в срок. Можно подать снова.
notice-case-expired-sms = Peshtoq: заявление { $number } аннулировано – не оплачено в срок.
notice-payment-due-title = Ожидается оплата
notice-payment-due-body = К оплате за «{ $service }» ({ $number }): { $amount }. Срок: { $due }.
notice-payment-due-sms = Peshtoq: оплатите { $amount } по { $number } до { $due }.
notice-payment-received-title = Оплата получена
notice-payment-received-body = За «{ $service }» ({ $number }) получено { $amount }.
notice-payment-received-sms = Peshtoq: по { $number } получено { $amount }.
notice-payment-refund-due-title = Ваш платёж будет возвращён
notice-payment-refund-due-body = { $amount }, уплаченные за «{ $service }» ({ $number }), будут возвращены на карту или счёт, с которого вы платили.
notice-payment-refund-due-sms = Peshtoq: { $amount } за { $number } будут возвращены.
notice-payment-refunded-title = Оплата возвращена
notice-payment-refunded-body = Оплата за «{ $service }» ({ $number }), { $amount }, возвращена.
notice-payment-refunded-sms = Peshtoq: по { $number } возвращено { $amount }.
notice-document-issued-title = Документ готов
notice-document-issued-body = Документ «{ $document }» готов, номер { $number }. Его можно скачать в кабинете.
notice-document-issued-sms = Peshtoq: документ { $number } готов. Скачайте его в кабинете.
notice-document-revoked-title = Документ отозван
notice-document-revoked-body = Документ «{ $document }» ({ $number }) отозван. Причина: { $reason }.
notice-document-revoked-sms = Peshtoq: документ { $number } отозван.
notice-appeal-decided-title = Жалоба рассмотрена
notice-appeal-decided-body =
    Жалоба по заявлению «{ $service }» ({ $number }) { $granted ->
        [true] удовлетворена: заявление рассмотрят заново
       *[other] рассмотрена, решение не изменилось
    }. Пояснение: { $comment }.
notice-appeal-decided-sms = Peshtoq: жалоба по { $number } рассмотрена.
notice-welcome-title = Добро пожаловать
notice-welcome-body = Ваш кабинет открыт. Теперь здесь можно подавать заявления, платить и получать документы.
notice-welcome-sms = Peshtoq: ваш кабинет открыт.
notice-sign-in-new-device-title = Вход с нового устройства
notice-sign-in-new-device-body = В ваш кабинет вошли с нового устройства: { $device }, сетевой адрес { $place }, время: { $at }. Если это были не вы, завершите этот сеанс и смените пароль.
notice-sign-in-new-device-sms = Peshtoq: в ваш кабинет вошли с нового устройства ({ $device }).
notice-password-changed-title = Пароль изменён
notice-password-changed-body = Пароль вашего кабинета изменён, остальные сеансы завершены. Если это были не вы, сразу войдите по коду из SMS и смените пароль.
notice-password-changed-sms = Peshtoq: пароль вашего кабинета изменён. Если это были не вы, сразу зайдите в кабинет.
notice-other-title = В кабинете новости
notice-other-body = В вашем кабинете есть новости. Подробнее – по ссылке ниже.
notice-other-sms = Peshtoq: в вашем кабинете новости.
notice-case-reminder-title = В заявлении ваш ход
notice-case-reminder-body = В заявлении «{ $service }» ({ $number }) ваш ход. Ответьте до { $due }, иначе заявление будет закрыто.
notice-case-reminder-sms = Peshtoq: в заявлении { $number } ваш ход. Зайдите в кабинет.
notice-case-late-title = Срок заявления истёк
notice-case-late-body = На заявление «{ $service }» ({ $number }) не ответили в срок. Об этом сообщено руководителю подразделения.
notice-case-late-sms = Peshtoq: срок заявления { $number } истёк, руководитель извещён.

# Locks of the account
notice-code-change-email = Peshtoq: код для подтверждения почты – { $code }. Никому его не сообщайте.
notice-locks-asked-title = Просят изменить способ входа в кабинет
notice-locks-asked-body = Кто-то попросил изменить, чем открывается ваш кабинет. Изменение вступит в силу: { $at }. Если это не вы, откройте ссылку и заморозьте кабинет: { $url }
notice-locks-asked-sms = Peshtoq: способ входа в кабинет изменится. Это не вы? { $url }
notice-locks-changed-title = Способ входа в кабинет изменён
notice-locks-changed-body = Изменено то, чем открывается ваш кабинет. Если это не вы, откройте ссылку и заморозьте кабинет: { $url }
notice-locks-changed-sms = Peshtoq: способ входа в кабинет изменён. Это не вы? { $url }
notice-account-frozen-title = Кабинет заморожен
notice-account-frozen-body = Нажата кнопка «Это был не я»: кабинет заморожен, все устройства вышли. Чтобы восстановить доступ, нужны два способа или центр услуг.
notice-account-frozen-sms = Peshtoq: ваш кабинет заморожен. Восстановите доступ на сайте или в центре услуг.
notice-account-recovered-title = Доступ к кабинету восстановлен
notice-account-recovered-body = В кабинете задан новый пароль, все устройства вышли. Если это не вы, откройте ссылку и заморозьте кабинет: { $url }
notice-account-recovered-sms = Peshtoq: в кабинете задан новый пароль. Это не вы? { $url }
notice-mandate-offered-title = { $giver } выдаёт вам полномочие
notice-mandate-offered-body = { $giver } выдаёт вам полномочие { $number }. Прочитайте его и примите или отклоните.
notice-mandate-offered-sms = Peshtoq: { $giver } выдаёт вам полномочие. Войдите в кабинет.
notice-mandate-changed-title = Полномочие { $number }: { $what }
notice-mandate-changed-body = Полномочие { $number } ({ $giver } – { $holder }): { $what }.
notice-mandate-changed-sms = Peshtoq: полномочие { $number }: { $what }.
