# Opening a cabinet
identity-register-title = Открыть кабинет
identity-register-kind = Для кого
identity-register-citizen = Есть ПИНФЛ
identity-register-foreign = Иностранный гражданин
identity-register-text = Ваше имя мы узнаем из государственного реестра населения по ПИНФЛ и паспорту – писать его не нужно.
identity-register-foreign-text = Если ПИНФЛ нет, введите данные из паспорта.
identity-step-who = Кто вы
identity-step-code = Код из SMS
identity-step-password = Пароль
identity-have-cabinet = Кабинет уже есть?
identity-sign-in-link = Войти
identity-send-code = Отправить код
identity-open-cabinet = Открыть кабинет
identity-taken-title = У вас уже есть кабинет
identity-taken-text = С этим ПИНФЛ, паспортом или номером телефона кабинет уже открыт. Войдите по паролю или по коду из SMS. Если это были не вы, обратитесь в центр государственных услуг.
identity-password-title = Придумайте пароль
identity-password-hello = { $name }, номер телефона подтверждён. Остался один шаг.

# Fields
identity-pinfl = ПИНФЛ (JShShIR)
identity-pinfl-short = ПИНФЛ
identity-pinfl-hint = 14 цифр: на ID-карте или на странице паспорта с фотографией
identity-passport = Серия и номер паспорта или ID-карты
identity-passport-hint = Например, AA 1234567
identity-country = Гражданство
identity-country-empty = Выберите
identity-foreign-passport = Номер паспорта
identity-foreign-passport-hint = Латинские буквы и цифры, как в паспорте
identity-surname = Фамилия
identity-name = Имя
identity-name-hint = Как в паспорте
identity-patronymic = Отчество
identity-birth-date = Дата рождения
identity-birth-date-hint = Например, 27 3 1990
identity-phone = Номер мобильного телефона
identity-phone-short = Телефон
identity-phone-hint = На него придёт код. Например, +998 90 123 45 67
identity-email = Электронная почта
identity-email-hint = Уведомления будут приходить и на неё
identity-password = Пароль
identity-new-password = Новый пароль
identity-current-password = Нынешний пароль
identity-password-hint = Не меньше 8 знаков. Лучший пароль – фраза из нескольких слов
identity-full-name = Ф. И. О.
identity-citizenship = Гражданство
identity-address = Место постоянной прописки
identity-relief = Льгота
identity-relief-social-register = В едином реестре социальной защиты
identity-relief-disability-1-2 = Инвалидность I или II группы
identity-relief-orphan = Сирота

# Codes
identity-code-title = Введите код из SMS
identity-code-sent = Код отправлен на номер { $phone }. Он действует 5 минут.
identity-code-maybe-sent = Если кабинет с такими данными есть, код отправлен на его телефон. Он действует 5 минут.
identity-code = Код из 6 цифр
identity-code-hint = Никому не называйте код: сотрудники его не спрашивают
identity-remember = Запомнить это устройство
identity-remember-hint = В следующий раз спросим только пароль. Не отмечайте на общем компьютере.
identity-code-late = Код не пришёл? Через минуту его можно отправить снова.
identity-code-again = Отправить код ещё раз
identity-code-resent = Новый код отправлен
identity-start-again = Начать сначала
identity-code-demo = Демонстрация: настоящие SMS не отправляются.
identity-code-demo-link = Открыть демонстрационный телефон

# Signing in
identity-sign-in-title = Вход в кабинет
identity-login = ПИНФЛ, паспорт или номер телефона
identity-login-hint = Например, ПИНФЛ из 14 цифр, AA 1234567 или +998 90 123 45 67
identity-sign-in = Войти
identity-sign-in-by-code = Войти по коду из SMS
identity-forgot = Забыли пароль? Оставьте поле пустым и войдите по коду из SMS.
identity-no-cabinet = Нет кабинета?
identity-register-link = Открыть кабинет
identity-demo-people = Демонстрация:
identity-demo-people-link = вымышленные люди и их пароли
identity-flow-gone-title = Время вышло
identity-flow-gone-text = Вход или регистрация не завершены. Для безопасности начните сначала.
identity-staff-title = Вход для сотрудников
identity-staff-text = Для сотрудников государственных органов. Пароль и код из SMS спрашиваются каждый раз.
identity-staff-login = Логин
identity-citizen-link = Вход для граждан

# Cabinet
identity-cabinet-title = Здравствуйте, { $name }
identity-cabinet-text = Заявления, документы и платежи – всё здесь.
identity-cabinet-empty-title = Пока пусто
identity-cabinet-empty-text = Найдите услугу и подайте заявление: оно появится здесь.
identity-find-service = Найти услугу
identity-card-urgent = Ждёт вас
identity-own-data = Мои данные
identity-all-own-data = Все данные и настройки
identity-welcome-title = Ваш кабинет открыт
identity-welcome-text = Теперь можно подавать заявления.
identity-source-population = Источник: государственный реестр населения, на { $date }
identity-source-self = Источник: вы ввели их сами при регистрации, { $date }
identity-wrong-data = Данные неверны?
identity-wrong-data-text = Имя, дата рождения и паспорт берутся из государственного реестра населения и здесь не меняются. Чтобы исправить ошибку, обратитесь с паспортом в отдел миграции органа внутренних дел по месту жительства или в центр государственных услуг. Исправление в реестре появится и здесь.
identity-contacts-title = Связь и язык
identity-notice-language = Язык уведомлений и документов
identity-notice-language-hint = Язык страниц выбирается в меню наверху
identity-profile-saved = Изменения сохранены
identity-security-title = Безопасность
identity-sessions-title = Где выполнен вход
identity-sessions-text = Если видите незнакомое устройство, завершите его сеанс и смените пароль.
identity-session-device = Устройство
identity-session-begun = Вход
identity-session-seen = Последняя активность
identity-session-place = Сетевой адрес
identity-session-action = Действие
identity-session-current = это устройство
identity-session-revoke = Завершить
identity-session-revoke-others = Выйти на всех других устройствах
identity-session-revoked = Сеанс завершён
identity-session-others-revoked = Остальные сеансы завершены
identity-change-password-title = Смена пароля
identity-change-password = Сменить пароль
identity-password-since = Нынешний пароль действует с { $date } При смене пароля все остальные сеансы завершаются.
identity-password-changed = Пароль изменён, остальные сеансы завершены
identity-password-forgot-title = Задать новый пароль
identity-password-forgot-text = Вы вошли по коду из SMS, поэтому сейчас старый пароль не нужен.

# Who looked
identity-access-title = Кто смотрел мои данные
identity-access-text = Здесь записано каждое обращение сотрудников и систем к вашим данным.
identity-access-empty-title = Пока никто не смотрел
identity-access-empty-text = Когда вы подадите заявление, здесь появятся те, кто его рассматривал.
identity-access-when = Когда
identity-access-who = Кто
identity-access-what = Что
identity-access-why = Зачем
identity-access-complain = Если считаете, что смотрели без основания, обратитесь в центр государственных услуг или в Агентство персонализации.
identity-action-case-view = Открыл заявление
identity-action-case-file = Открыл приложенный файл
identity-action-case-act = Работал с заявлением
identity-action-register-fetch = Запросил сведения из реестра
identity-action-document-view = Открыл документ
identity-action-document-download = Скачал документ
identity-action-document-revoke = Отозвал документ
identity-reason-case-work = Рассмотрение заявления
identity-reason-registration = Открытие кабинета
identity-reason-case = Рассмотрение заявления

# Errors
identity-error-held =
    Слишком много попыток. Попробуйте через { $minutes ->
        [one] { $minutes } минуту
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    } или войдите со знакомого устройства.
identity-error-refused = Логин или пароль неверны
identity-error-login-empty = Введите логин
identity-error-password-empty = Введите пароль
identity-error-current-password = Нынешний пароль неверен
identity-error-pinfl = ПИНФЛ состоит из 14 цифр
identity-error-pinfl-check = В ПИНФЛ ошибка: сверьте цифры с документом
identity-error-passport = Введите серию и номер паспорта, например, AA 1234567
identity-error-country = Выберите государство
identity-error-surname = Введите фамилию
identity-error-name = Введите имя
identity-error-long = Слишком длинно
identity-error-birth-date = Введите дату рождения: день, месяц, год
identity-error-phone = Введите номер телефона, например, +998 90 123 45 67
identity-error-email = Введите адрес почты правильно, например, imya@pochta.uz
identity-error-lang = Выберите язык
identity-error-not-in-register = Такого ПИНФЛ с таким паспортом в реестре нет. Сверьте цифры с документом.
identity-error-register-away = Реестр населения сейчас не отвечает. Введённое сохранено – отправьте ещё раз чуть позже.
identity-error-code = Код состоит из 6 цифр
identity-error-code-wrong =
    Код неверен. Осталось: { $left ->
        [one] { $left } попытка
        [few] { $left } попытки
       *[many] { $left } попыток
    }.
identity-error-code-exhausted = Попытки закончились. Начните сначала.
identity-error-code-expired = Срок кода истёк. Запросите новый.
identity-error-password-short = В пароле должно быть не меньше 8 знаков
identity-error-password-long = В пароле должно быть не больше 128 знаков
identity-error-password-common = Такой пароль пробуют первым. Придумайте другой.
identity-error-password-personal = Паролем не может быть ваше имя или номер
identity-error-stale = Данные изменены в другом окне. Проверьте и сохраните ещё раз.

# Countries
identity-country-af = Афганистан
identity-country-ae = ОАЭ
identity-country-am = Армения
identity-country-az = Азербайджан
identity-country-by = Беларусь
identity-country-cn = Китай
identity-country-de = Германия
identity-country-gb = Великобритания
identity-country-ge = Грузия
identity-country-in = Индия
identity-country-jp = Япония
identity-country-kg = Кыргызстан
identity-country-kr = Республика Корея
identity-country-kz = Казахстан
identity-country-my = Малайзия
identity-country-pk = Пакистан
identity-country-pl = Польша
identity-country-ru = Россия
identity-country-tj = Таджикистан
identity-country-tm = Туркменистан
identity-country-tr = Турция
identity-country-ua = Украина
identity-country-us = США
identity-country-vn = Вьетнам
identity-country-uz = Узбекистан
identity-country-xx = Другое государство или без гражданства
identity-step-up-title = Подтвердите личность кодом из SMS
identity-step-up-text = Вы вошли по паролю. Для этой услуги нужен ещё код, который придёт на ваш телефон. После этого вы вернётесь к услуге.
identity-step-up-send = Отправить код
identity-step-up-no-phone = В кабинете нет подтверждённого телефона. Добавьте его в разделе «Мои данные».
identity-action-sso-sign-in = Вы вошли на этот сайт через портал
identity-action-sso-consent = Вы согласились передать данные
identity-action-sso-take-back = Вы отозвали согласие
identity-action-sso-device = Вы подключили устройство
identity-action-sso-replay = Код входа использован дважды: всё отменено
identity-reason-sso = Вход на другой сайт
identity-consents-title = Ваши согласия другим сайтам
identity-consents-text = Здесь видно, что знают сайты, на которые вы вошли через портал; согласие можно отозвать.
