# Каталог услуг: главная, группы, поиск, паспорт услуги.

catalog-home-meta = Портал государственных услуг: найдите услугу, подайте заявление, следите за ним и получите документ.
catalog-home-title = Государственные услуги — через одну дверь
catalog-home-lead = Ищите услугу своими словами: то, что государство уже знает, мы не спрашиваем повторно.
catalog-search-hint = Пишите латиницей или кириллицей, с любым апострофом, даже с опечаткой.
catalog-home-popular = Чаще всего запрашивают
catalog-home-groups = По сферам
catalog-home-life = Жизненные ситуации
catalog-home-life-lead = Услуги, которые нужны при одном событии, собраны вместе.
catalog-home-all = Все услуги
catalog-home-how = Как это работает?
catalog-home-how-1-title = Найдите
catalog-home-how-1 = По названию, обычному слову или жизненной ситуации. Стоимость, срок и шаги видны заранее.
catalog-home-how-2-title = Подайте заявление
catalog-home-how-2 = Не более трёх страниц. Данные из реестров заполняются сами, с указанием источника.
catalog-home-how-3-title = Следите и получите
catalog-home-how-3 = Всегда видно, у кого заявление и когда будет ответ. Документ приходит в PDF с QR-кодом, проверить его может каждый.
catalog-home-verify-title = Документ подлинный?
catalog-home-verify = Проверьте документ по номеру, QR-коду или файлу без регистрации.
catalog-home-verify-link = Проверить документ

catalog-group-empty-title = В этой сфере услуг пока нет
catalog-group-empty = Услуги добавляются постепенно. Посмотрите другие сферы или воспользуйтесь поиском.
catalog-groups-title = Сферы услуг
catalog-group-meta = Государственные услуги в сфере «{ $title }»: стоимость, срок, нужные документы.
catalog-life-title = Жизненные ситуации
catalog-life-lead = Услуги, которые обычно нужны в этой ситуации.
catalog-life-meta = «{ $title }»: государственные услуги, которые нужны в этой ситуации.
catalog-life-empty = Услуги для этой ситуации на портал ещё не добавлены.
catalog-life-more = { $n ->
    [one] Ещё { $n } услуга для этой ситуации появится на портале позже.
    [few] Ещё { $n } услуги для этой ситуации появятся на портале позже.
   *[other] Ещё { $n } услуг для этой ситуации появятся на портале позже.
}

catalog-services-title = Все услуги
catalog-services-meta = Все государственные услуги портала: выберите по ведомству, стоимости и сроку.
catalog-filter-title = Отбор
catalog-filter-agency = Ведомство
catalog-filter-agency-any = Все ведомства
catalog-filter-group = Сфера
catalog-filter-group-any = Все сферы
catalog-filter-free = Только бесплатные
catalog-filter-instant = Только мгновенные
catalog-filter-apply = Показать
catalog-filter-clear = Сбросить отбор
catalog-filter-empty-title = Таких услуг нет
catalog-filter-empty = Нет услуги, которая отвечала бы всем условиям. Снимите одно из них.
catalog-count = { $n ->
    [one] { $n } услуга
    [few] { $n } услуги
   *[other] { $n } услуг
}

catalog-results-title = Результаты поиска
catalog-results-for = Результаты по запросу «{ $question }»
catalog-results-none-title = По запросу «{ $question }» ничего не найдено
catalog-results-none = Попробуйте иначе:
catalog-results-none-1 = оставьте одно-два главных слова: «паспорт», «лицензия», «детсад»;
catalog-results-none-2 = писать можно латиницей или кириллицей, на узбекском, каракалпакском, русском или английском;
catalog-results-none-3 = если знаете номер услуги, наберите сам номер.
catalog-results-none-groups = Или выберите сферу
catalog-results-empty-title = Что ищем?
catalog-results-empty = Наберите название услуги, обычное слово или номер услуги.

catalog-free = Бесплатно
catalog-instant = Мгновенно
catalog-fee-from = от { $amount }
catalog-fill = { $n ->
    [one] Заполнение — { $n } минута
    [few] Заполнение — { $n } минуты
   *[other] Заполнение — { $n } минут
}
catalog-rating = { $value } из 5
catalog-raters-none = На портале ещё не оценивали

catalog-term-auto = Автоматически, сразу
catalog-term-queue = Когда подойдёт очередь
catalog-term-none = Срок в источнике не указан

catalog-passport-number = Номер услуги
catalog-passport-start = Подать заявление
catalog-passport-start-hint = Чтобы подать заявление, войдите в личный кабинет. Ответы сохраняются на каждом шаге, продолжить можно позже.
catalog-passport-start-open = Входить в кабинет для этой услуги не обязательно.
catalog-passport-suspended = Услуга временно не оказывается.
catalog-passport-toc = Разделы страницы
catalog-passport-glance = Коротко
catalog-passport-price = Стоимость
catalog-passport-price-free = Услуга оказывается бесплатно.
catalog-passport-price-caption = Стоимость по плательщику и каналу обращения
catalog-passport-price-component = Вид платежа и плательщик
catalog-passport-price-web = Через портал
catalog-passport-price-dxm = В центре (ЦГУ)
catalog-passport-price-total = Итого
catalog-passport-price-share = В центре { $share } БРВ
catalog-passport-price-bhm = Базовая расчётная величина (БРВ): { $amount } на { $date }. При оплате через портал ставка обычно умножается на { $rate }.
catalog-passport-price-due-submit = Оплата — при подаче заявления.
catalog-passport-price-due-later = Оплата — на этапе «{ $state }», после рассмотрения заявления.
catalog-passport-price-expires = Неоплаченный счёт аннулируется через { $term }, вместе с ним закрывается и заявление.
catalog-passport-reliefs = Льготы
catalog-passport-reliefs-caption = Стоимость со льготой (через портал)
catalog-passport-relief = Кому
catalog-passport-relief-share = Скидка
catalog-passport-relief-price = Стоимость
catalog-passport-relief-note = Доказывать льготу не нужно: она определяется по реестру социальной защиты.
catalog-passport-kept-title = Оплата по отказанному заявлению
catalog-passport-kept = { $n ->
    [one] После отказа оплата действует ещё { $n } день: за повторное заявление в этот срок второй раз не платят.
    [few] После отказа оплата действует ещё { $n } дня: за повторное заявление в этот срок второй раз не платят.
   *[other] После отказа оплата действует ещё { $n } дней: за повторное заявление в этот срок второй раз не платят.
}
catalog-passport-kept-none = Оплата по отказанному заявлению на следующее не переносится.
catalog-passport-kept-unknown = Срок действия оплаты после отказа в источнике не прочитан — уточняется.
catalog-passport-term = Срок оказания услуги
catalog-passport-term-pause = Пока заявление возвращено вам на исправление, срок не идёт.
catalog-passport-term-breach-escalate = Если срок нарушен, заявление переходит к руководителю подразделения.
catalog-passport-documents = Необходимые документы
catalog-passport-documents-none = Не требуются. Нужные сведения ведомства сами получают из реестров.
catalog-passport-documents-registers = За вас запрашивается из реестров
catalog-passport-audience = Кто может воспользоваться
catalog-passport-audience-natural = Физические лица
catalog-passport-audience-legal = Юридические лица
catalog-passport-audience-sole-trader = Индивидуальные предприниматели
catalog-passport-audience-self-employed = Самозанятые
catalog-passport-audience-foreign = Иностранные граждане и лица без гражданства
catalog-passport-audience-all = Все
catalog-passport-eligibility = Условия
catalog-passport-limit = Одновременно может быть открыто не более { $n } заявлений.
catalog-passport-result = Результат
catalog-passport-result-valid = Срок действия — { $term }
catalog-passport-steps = Как это работает?
catalog-passport-step-submit = Вы заполняете и отправляете заявление
catalog-passport-step-submit-auto = Вы отправляете запрос
catalog-passport-step-you = Ваш ход
catalog-passport-step-system = Система делает это автоматически
catalog-passport-step-term = Срок — { $term }
catalog-passport-step-returned = Если найден недочёт, заявление вернётся к вам с пояснением; исправьте и отправьте снова.
catalog-passport-step-parallel = Ведомства работают одновременно
catalog-passport-step-votes = Комиссия голосует
catalog-passport-reasons = Основания для отказа
catalog-passport-reasons-lead = Отказать можно только по основанию из этого закрытого перечня.
catalog-passport-appeal = { $n ->
    [one] Решение можно обжаловать в течение { $n } дня.
   *[other] Решение можно обжаловать в течение { $n } дней.
}
catalog-passport-legal = Правовое основание
catalog-passport-legal-number = № { $number }
catalog-passport-legal-article = { $article }
catalog-passport-agencies = Ведомства
catalog-passport-role-owner = Владелец услуги
catalog-passport-role-executor = Исполнитель
catalog-passport-role-source = Источник сведений
catalog-passport-contacts = Контакты
catalog-passport-contacts-none = Контакты в источнике не прочитаны — уточняются.
catalog-passport-stats = Общая статистика
catalog-passport-stats-caption = Заявления на этом портале по состоянию
catalog-passport-stats-new = Новые
catalog-passport-stats-progress = В работе
catalog-passport-stats-finished = Завершённые
catalog-passport-stats-refused = Отказанные
catalog-passport-stats-payment = Ожидают оплаты
catalog-passport-stats-cancelled = Отменённые
catalog-passport-stats-none = На этом портале заявлений ещё не было.
catalog-passport-stats-published = { $n ->
    [one] Опубликовано на my.gov.uz: { $n } обращение
    [few] Опубликовано на my.gov.uz: { $n } обращения
   *[other] Опубликовано на my.gov.uz: { $n } обращений
}
catalog-passport-stats-published-rated = { $n ->
    [one] Опубликовано на my.gov.uz: { $n } обращение, средняя оценка { $value }
    [few] Опубликовано на my.gov.uz: { $n } обращения, средняя оценка { $value }
   *[other] Опубликовано на my.gov.uz: { $n } обращений, средняя оценка { $value }
}
catalog-passport-ratings = Оценки
catalog-passport-ratings-star = { $n ->
    [one] { $n } звезда
    [few] { $n } звезды
   *[other] { $n } звёзд
}
catalog-passport-status = Состояние
catalog-passport-number-of = Количество
catalog-passport-sources = Источники
catalog-passport-sources-note = Образец данных: названия, стоимость и сроки взяты из открытых источников и не заменяют официальный документ.
catalog-passport-version = Версия описания
catalog-passport-unconfirmed = уточняется
catalog-passport-related = Другие услуги этой сферы
catalog-passport-channel-web = Портал
catalog-passport-channel-mobile = Мобильное приложение
catalog-passport-channel-dxm = Центр государственных услуг
catalog-passport-channel-kiosk = Инфокиоск
catalog-passport-channel-api = API
catalog-passport-channel-home-visit = С выездом на дом
catalog-passport-channels = Как подать

catalog-fee-duty = Государственная пошлина
catalog-fee-fee = Сбор
catalog-fee-emblem = Гербовый сбор
catalog-fee-service = Плата за услугу
catalog-fee-fixed = Фиксированная плата

catalog-unknown-service = Номер услуги неверен или услуга больше не оказывается. Найдите её по названию.

catalog-relief-social-register = Лица из Единого реестра социальной защиты
catalog-relief-disability-1-2 = Лица с инвалидностью I и II группы
catalog-relief-orphan = Дети-сироты и дети без попечения родителей

catalog-soon = Услуги готовятся
catalog-fact-uses = Обращений (my.gov.uz)
catalog-fact-rating = Средняя оценка
catalog-fact-rating-published = Средняя оценка (my.gov.uz)
catalog-fact-fill = Время заполнения
catalog-passport-assumed = Не прочитано в источнике, уточняется
catalog-passport-stats-unavailable = Статистика сейчас недоступна, посмотрите немного позже.
catalog-fee-computed = рассчитывается по вашим ответам
catalog-passport-access = Как обращаются
catalog-passport-appeal-outer = Даже если решение не открыто, через { $n } дней после него жалоба не принимается.
catalog-passport-assurance-face = Личность подтверждают по лицу. На портале этого пока нет, обратитесь в центр.
catalog-passport-assurance-otp = Личность подтверждают кодом из SMS.
catalog-passport-assurance-signature = Нужна электронная подпись. На портале её пока нельзя поставить, обратитесь в центр.
catalog-passport-for-attorney = Можно подать заявление за другого человека по доверенности.
catalog-passport-for-child = Родитель может подать заявление за ребёнка младше { $n } лет.
catalog-passport-for-organisation = За организацию заявление подают лица, указанные в реестре налогоплательщиков.
catalog-passport-for-organisation-roles = За организацию заявление подают лица, указанные в реестре налогоплательщиков ({ $roles }).
catalog-passport-for-ward = Опекун может подать заявление за подопечного младше { $n } лет.
catalog-passport-limit-per = Число открытых заявлений по одному и тому же предмету: до { $n }.
catalog-passport-not-yet = Заявления сейчас не принимаются. Приём: { $from } – { $to }.
catalog-passport-online-only = С { $date } услуга оказывается только онлайн, в центрах заявления не принимают.
catalog-passport-online-only-for = С { $date } услуга оказывается только онлайн: { $whom }.
catalog-passport-over = Приём заявлений закончился { $date }.
catalog-passport-retention = Сколько хранятся данные
catalog-passport-retention-days = Через { $n } дней после окончания дела персональные данные и файлы заявления удаляются.
catalog-passport-retention-months = Через { $n } мес. после окончания дела персональные данные и файлы заявления удаляются.
catalog-passport-retention-years = Через { $n } г. (лет) после окончания дела персональные данные и файлы заявления удаляются.
catalog-passport-step-second = Решение подтверждают два сотрудника.
catalog-passport-term-reset = После исправления заявления срок начинается заново.
catalog-passport-term-silent-no = Если ответа в срок нет, считается, что в услуге отказано. Это можно обжаловать.
catalog-passport-term-silent-ok = Если ответа в срок нет, заявление считается одобренным.
catalog-passport-term-six-days = Суббота для этого срока – рабочий день.
catalog-passport-window = Заявления принимаются с { $from } по { $to }.
catalog-passport-window-finish = Заявление, начатое в это время, можно отправить ещё в течение { $n } дней.
