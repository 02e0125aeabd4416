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

# Workplace of authors, reviewers and publishers; differences of versions in words.

catalog-author-title = Определения услуг
catalog-author-lead = Каждая услуга работает так, как написано в её определении. Изменение пишет автор, проверяет другой сотрудник, вводит в действие публикатор.
catalog-author-problems = Ошибки в папке
catalog-author-problems-text = Эти файлы не приняты. Работает последняя исправная версия этих услуг.
catalog-author-find = Название или номер услуги
catalog-author-state = Состояние
catalog-author-state-any = Любое состояние
catalog-author-service = Услуга
catalog-author-revision = Правка
catalog-author-waits = Вступит в силу: { $date }
catalog-author-new-service = Новая услуга
catalog-author-new-title = Начать новую услугу
catalog-author-new-text = Откроется заготовка с пояснениями: заполните её и отправьте на проверку.
catalog-author-code = Номер услуги
catalog-author-code-hint = Номер в реестре государственных услуг: от 1 до 12 латинских букв и цифр.
catalog-author-owner = Ответственное ведомство
catalog-author-begin = Начать
catalog-author-standing-offered = Предоставляется
catalog-author-standing-suspended = Приостановлена
catalog-author-standing-retired = Прекращена
catalog-author-standing-none = Ещё не введена
catalog-author-stage-writing = Пишется
catalog-author-stage-review = На проверке
catalog-author-stage-approved = Одобрена
catalog-author-stage-published = Опубликована
catalog-author-stage-discarded = Отброшена
catalog-author-class-first = Первая версия
catalog-author-class-cosmetic = Только слова
catalog-author-class-compatible = Совместимо
catalog-author-class-breaking = Несовместимо
catalog-author-meaning-first = Услуга ещё не действует: никого не касается.
catalog-author-meaning-cosmetic = Новые слова сразу видны и в открытых формах, и в поданных заявлениях.
catalog-author-meaning-compatible = Заявление переходит на новую версию, когда его возвращают на доработку; ответы сохраняются. Открытые формы заполняются по своей версии.
catalog-author-meaning-breaking = Открытые формы и заявления остаются на своей версии. Если в определении есть «migrations», при возврате заявления ответы переносятся по нему.
catalog-author-action-publish = Опубликована
catalog-author-action-roll-back = Возвращена прежняя версия
catalog-author-action-suspend = Приостановлена
catalog-author-action-resume = Возобновлена
catalog-author-action-retire = Прекращена
catalog-author-action-waiting = Ждёт своего дня
catalog-author-action-cancelled = Публикация отменена
catalog-author-by-folder = Из папки определений
catalog-author-in-force = Действующая версия
catalog-author-public = Открытая страница услуги
catalog-author-open = Открытая правка
catalog-author-edit = Начать изменение
catalog-author-standing = Изменить состояние услуги
catalog-author-suspend = Приостановить
catalog-author-suspend-text = Страница услуги видна с объявлением, начать новое заявление нельзя. Начатые заявления продолжаются.
catalog-author-resume = Возобновить
catalog-author-retire = Прекратить
catalog-author-retire-text = Услуга уходит из каталога насовсем. Начатые заявления доводятся до конца. Вернуть её может только новая публикация.
catalog-author-note = Причина
catalog-author-note-hint = Решение, закон или обращение. Останется в истории.
catalog-author-notice-uz = Объявление на узбекском
catalog-author-notice-hint = Это люди прочтут на странице услуги. Кириллица получится сама.
catalog-author-notice-kaa = Объявление на каракалпакском
catalog-author-notice-ru = Объявление на русском
catalog-author-notice-en = Объявление на английском
catalog-author-history = История
catalog-author-effective = Вступает в силу: { $date }
catalog-author-changes-count = Изменений: { $n }
catalog-author-cancel = Отменить назначенную публикацию
catalog-author-cancel-which = Какую публикацию
catalog-author-roll-back = Вернуть прежнюю версию
catalog-author-roll-back-text = Выбранная версия вступит в силу сразу. Её проверили в своё время.
catalog-author-roll-back-which = Какую версию
catalog-author-roll-back-none = Прежних версий нет.
catalog-author-saved = Последним сохранил(а) { $name }: { $date }
catalog-author-comment-of = Проверяющий: { $name }
catalog-author-found = Результат проверки
catalog-author-compiles = Текст определения
catalog-author-good = Без ошибок
catalog-author-mistakes = Ошибок: { $n }
catalog-author-golden = Образцовые случаи
catalog-author-golden-hold = Все верны: { $n }
catalog-author-golden-fail = Не сошлось: { $n }
catalog-author-screens = Страниц до отправки
catalog-author-screens-of = { $n } из 3, полей: { $fields }
catalog-author-class = Вид изменения
catalog-author-line = Строка { $n }
catalog-author-changes = Отличия от действующей версии
catalog-author-changes-new = Услуга новая: сравнивать не с чем.
catalog-author-changes-none = Отличий нет.
catalog-author-preview = Предварительный просмотр
catalog-author-preview-text = Те же страницы, что увидят люди; открыть их могут только сотрудники. Сначала сохраните.
catalog-author-preview-passport = страница услуги
catalog-author-preview-form = форма заявления
catalog-author-preview-phone = На экране телефона
catalog-author-review = Проверка
catalog-author-comment = Замечание автору
catalog-author-comment-hint = Если возвращаете, напишите почему.
catalog-author-approve = Одобрить
catalog-author-send-back = Вернуть автору
catalog-author-publish = Опубликовать
catalog-author-when = Когда вступит в силу
catalog-author-now = Сейчас
catalog-author-on-day = В назначенный день, в 00:00
catalog-author-day = День
catalog-author-text = Текст
catalog-author-yaml = Определение услуги (YAML)
catalog-author-yaml-hint = Сохраняется и текст с ошибками. После сохранения ошибки видны выше, с номером строки.
catalog-author-save = Сохранить и проверить
catalog-author-submit = Отправить на проверку
catalog-author-take-back = Вернуть в работу
catalog-author-discard = Отбросить правку
catalog-author-discard-text = Действующая версия не изменится.
catalog-author-conflict-title = Текст изменил другой автор
catalog-author-conflict-text = { $name } сохранил(а) его: { $date }. Ваш текст не потерян: он ниже.
catalog-author-conflict-mine = Ваш текст
catalog-author-conflict-hint = Сравните оба, соедините нужное здесь и сохраните.
catalog-author-conflict-save = Сохранить соединённый текст
catalog-author-conflict-theirs = Сохранённый текст: { $name }
catalog-author-conflict-drop = Отказаться от своего текста и продолжить с сохранённым
catalog-author-error-four-eyes = Это писали вы. Проверить должен другой сотрудник.
catalog-author-error-stale = Правка изменилась. Обновите страницу и посмотрите ещё раз.
catalog-author-error-not-now = Сейчас это невозможно: состояние изменилось. Обновите страницу.
catalog-author-error-broken = Сначала исправьте ошибки: определение с ошибками не отправляется.
catalog-author-error-no-note = Напишите причину.
catalog-author-error-no-notice = Напишите объявление на четырёх языках: узбекском, каракалпакском, русском и английском.
catalog-author-error-too-long = Текст слишком длинный. Сократите его.
catalog-author-error-code = Номер занят или неверен. Введите от 1 до 12 латинских букв и цифр.
catalog-author-error-nothing = Отличий от действующей версии нет: отправлять нечего.
catalog-author-error-day = Выберите завтрашний или более поздний день.
catalog-diff-added = { $what }: добавлено
catalog-diff-removed = { $what }: убрано
catalog-diff-moved = { $what }: изменён порядок
catalog-diff-set = { $what }: { $to } (раньше не было)
catalog-diff-unset = { $what }: { $from } (больше нет)
catalog-diff-changed = { $what }: { $from } → { $to }
catalog-diff-yes = да
catalog-diff-no = нет
catalog-diff-bhm = { $share } БРВ
catalog-diff-thing = { $list } «{ $name }»
catalog-diff-thing-fields = Поле «{ $name }»
catalog-diff-thing-pages = Страница { $name }
catalog-diff-thing-options = вариант «{ $name }»
catalog-diff-thing-check = проверка «{ $name }»
catalog-diff-thing-fees = Платёж «{ $name }»
catalog-diff-thing-reliefs = льгота { $name }
catalog-diff-thing-states = Этап «{ $name }»
catalog-diff-thing-tasks = задача «{ $name }»
catalog-diff-thing-auto = автоматическое правило { $name }
catalog-diff-thing-actions = Действие «{ $name }»
catalog-diff-thing-reasons = Причина отказа «{ $name }»
catalog-diff-thing-outputs = Документ «{ $name }»
catalog-diff-thing-rows = строка «{ $name }»
catalog-diff-thing-registers = Реестр { $name }
catalog-diff-thing-eligibility = Условие «{ $name }»
catalog-diff-thing-agencies = Ведомство { $name }
catalog-diff-thing-legal = Основание «{ $name }»
catalog-diff-thing-documents = Требуемый документ «{ $name }»
catalog-diff-thing-contacts = Контакт «{ $name }»
catalog-diff-thing-special = особый срок { $name }
catalog-diff-thing-migrations = перенос ответов { $name }
catalog-diff-aspect-title = название
catalog-diff-aspect-summary = описание
catalog-diff-aspect-label = текст
catalog-diff-aspect-help = пояснение
catalog-diff-aspect-required = обязательно
catalog-diff-aspect-show = когда видно
catalog-diff-aspect-value = вычисляемое значение
catalog-diff-aspect-source = источник данных
catalog-diff-aspect-options = варианты
catalog-diff-aspect-limits = ограничения
catalog-diff-aspect-max-length = наибольшая длина
catalog-diff-aspect-min-length = наименьшая длина
catalog-diff-aspect-min = наименьшее
catalog-diff-aspect-max = наибольшее
catalog-diff-aspect-types = виды файлов
catalog-diff-aspect-max-mb = размер файла, МБ
catalog-diff-aspect-count = число файлов
catalog-diff-aspect-privacy = степень защиты
catalog-diff-aspect-type = вид
catalog-diff-aspect-kind = вид
catalog-diff-aspect-page = страница
catalog-diff-aspect-group = раздел
catalog-diff-aspect-audience = для кого
catalog-diff-aspect-keywords = слова для поиска
catalog-diff-aspect-fill-minutes = время заполнения, минут
catalog-diff-aspect-channels = каналы
catalog-diff-aspect-assurance = уровень доверия
catalog-diff-aspect-limit = открытых заявлений у одного человека
catalog-diff-aspect-amount = размер
catalog-diff-aspect-price-online = цена на портале
catalog-diff-aspect-price-counter = цена в центре
catalog-diff-aspect-due = когда платится
catalog-diff-aspect-when = условие
catalog-diff-aspect-payer = кто платит
catalog-diff-aspect-expires-days = срок оплаты, дней
catalog-diff-aspect-valid-after-reject-days = срок действия платежа после отказа, дней
catalog-diff-aspect-agency = ведомство
catalog-diff-aspect-level = уровень
catalog-diff-aspect-by = кем
catalog-diff-aspect-note = пояснение
catalog-diff-aspect-term = срок
catalog-diff-aspect-total = общий срок
catalog-diff-aspect-pause-in = этапы с остановкой срока
catalog-diff-aspect-from = из этапов
catalog-diff-aspect-to = куда
catalog-diff-aspect-needs = что требуется
catalog-diff-aspect-guard = условие
catalog-diff-aspect-text = текст
catalog-diff-aspect-message = сообщение
catalog-diff-aspect-article = статья
catalog-diff-aspect-days = дней
catalog-diff-aspect-appeal = обжалование
catalog-diff-aspect-template = вид документа
catalog-diff-aspect-validity = срок действия
catalog-diff-aspect-revocable = можно отозвать
catalog-diff-aspect-status = состояние
catalog-diff-aspect-valid-from = действует с
catalog-diff-aspect-valid-to = действует до
catalog-diff-aspect-owner = ответственное ведомство
catalog-diff-aspect-at = когда запрашивается
catalog-diff-aspect-on-fail = если реестр молчит
catalog-diff-aspect-unconfirmed = сведения к уточнению
catalog-diff-aspect-fees = платежи
catalog-diff-aspect-migrations = перенос ответов
catalog-diff-word-published = опубликована
catalog-diff-word-suspended = приостановлена
catalog-diff-word-retired = прекращена
catalog-diff-word-draft = черновик
catalog-diff-word-web = портал
catalog-diff-word-mobile = мобильное приложение
catalog-diff-word-dxm = центр госуслуг
catalog-diff-word-kiosk = инфокиоск
catalog-diff-word-natural = физические лица
catalog-diff-word-legal = юридические лица
catalog-diff-word-sole-trader = индивидуальные предприниматели
catalog-diff-word-self-employed = самозанятые
catalog-diff-word-foreign = иностранцы
catalog-diff-word-official = сотрудник
catalog-diff-word-citizen = заявитель
catalog-diff-word-system = система
catalog-diff-word-head = руководитель
catalog-diff-word-comment = пояснение
catalog-diff-word-reason = причина
catalog-diff-word-file = файл
