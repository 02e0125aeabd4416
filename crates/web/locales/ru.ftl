### Слова, которые есть на каждой странице.

## Портал

common-portal = Пештак
common-portal-what = Портал государственных услуг
common-skip = Перейти к содержанию
common-refresh = Обновить страницу
common-home = Главная
common-demo-word = Демонстрация
common-demo-text = Это учебный портал. Люди, заявления и документы вымышлены и не имеют юридической силы.
common-demo-link = Учебные пользователи
common-language = Язык:
common-sign-in = Войти
common-sign-out = Выйти
common-register = Зарегистрироваться
common-cabinet = Кабинет
common-staff = Рабочее место
common-unread = непрочитанных
common-nav = Основные разделы
common-nav-services = Все услуги
common-nav-verify = Проверить документ

## Поиск

common-search = Найти
common-search-label = Поиск услуг
common-search-placeholder = Например: справка о рождении
common-search-results = найдено
common-search-none = Ничего не найдено

## Кабинет и рабочее место

common-cabinet-home = Обзор
common-cabinet-cases = Мои заявления
common-cabinet-documents = Мои документы
common-cabinet-invoices = Платежи
common-cabinet-messages = Сообщения
common-cabinet-profile = Мои данные
common-cabinet-access = Кто смотрел мои данные
common-cabinet-security = Безопасность
common-staff-queue = Очередь заявлений
common-staff-unit = Нагрузка подразделения
common-staff-searches = Поиски без результата
common-staff-catalogue = Определения услуг

## Подвал

common-footer-about = Открытый портал, чтобы получать государственные услуги в одном месте, без очередей и бумаг.
common-footer-nav = Полезные ссылки
common-footer-staff = Сотрудникам
common-footer-api = API для разработчиков
common-footer-gallery = Элементы оформления
common-footer-open = Пештак — программа с открытым кодом. Названия, стоимость и сроки услуг взяты из открытых источников.

## Настройки вида

common-prefs-link = Вид
common-prefs-title = Настройки вида
common-prefs-lead = Ваш выбор хранится только на этом устройстве.
common-prefs-saved = Настройки сохранены
common-prefs-theme = Цвета
common-prefs-theme-auto = Как на устройстве
common-prefs-theme-light = Светлые
common-prefs-theme-dark = Тёмные
common-prefs-theme-contrast = Высокий контраст
common-prefs-text = Размер текста
common-prefs-text-normal = Обычный
common-prefs-text-large = Крупный
common-prefs-text-largest = Очень крупный

## Действия

common-continue = Продолжить
common-back = Назад
common-save = Сохранить
common-save-exit = Сохранить и выйти
common-cancel = Отменить
common-change = Изменить
common-delete = Удалить
common-close = Закрыть
common-open = Открыть
common-send = Отправить
common-submit = Подать
common-confirm = Подтвердить
common-download = Скачать
common-print = Распечатать
common-copy = Скопировать
common-copied = Скопировано
common-show = Показать
common-show-all = Показать все
common-apply-filter = Отобрать
common-clear-filter = Сбросить отбор
common-more = Подробнее
common-details = Подробности
common-yes = Да
common-no = Нет
common-not-known = Нет данных
common-optional = (необязательно)
common-free = Бесплатно
common-saving = Сохраняем…
common-saved = Сохранено
common-not-saved = Не сохранено: проверьте связь. Введённое осталось на странице.
common-drop-here = Перетащите файл сюда или выберите
common-chars-left = знаков осталось

## Навигация

common-breadcrumbs = Вы здесь
common-pagination = Страницы списка
common-previous = Предыдущая
common-next = Следующая
common-steps = Шаги заявления
common-step-done = (выполнено)
common-step-of = Шаг { $step } из { $total }

## Даты и время

common-date-day = День
common-date-month = Месяц
common-date-year = Год
common-date-hint = Например: 27 3 1990
common-today = сегодня
common-tomorrow = завтра
common-yesterday = вчера
common-minutes = { $n ->
    [one] { $n } минута
    [few] { $n } минуты
   *[many] { $n } минут
 }
common-hours = { $n ->
    [one] { $n } час
    [few] { $n } часа
   *[many] { $n } часов
 }
common-workdays = { $n ->
    [one] { $n } рабочий день
    [few] { $n } рабочих дня
   *[many] { $n } рабочих дней
 }
common-days = { $n ->
    [one] { $n } день
    [few] { $n } дня
   *[many] { $n } дней
 }
common-months = { $n ->
    [one] { $n } месяц
    [few] { $n } месяца
   *[many] { $n } месяцев
 }
common-days-left = { $n ->
    [one] остался { $n } день
    [few] осталось { $n } дня
   *[many] осталось { $n } дней
 }
common-days-late = { $n ->
    [one] просрочено на { $n } день
    [few] просрочено на { $n } дня
   *[many] просрочено на { $n } дней
 }
common-due = до { $date }

## Сообщения

common-warning = Внимание:
common-error-prefix = Ошибка:
common-error-summary = Исправьте следующее
common-error-required = Заполните это поле
common-error-retry = Попробовать ещё раз
common-error-home = На главную
common-error-reference = Обращаясь в поддержку, назовите этот код: { $code } · { $reference }

## Страницы ошибок

common-error-bad-request-title = Не удалось понять запрос
common-error-bad-request-text = Ссылка или отправленные данные повреждены. Вернитесь назад и попробуйте ещё раз.
common-error-sign-in-title = Сначала войдите
common-error-sign-in-text = Чтобы увидеть эту страницу, нужно подтвердить личность.
common-error-forbidden-title = Это действие вам недоступно
common-error-forbidden-text = Ваших прав недостаточно для этой страницы или действия.
common-error-not-found-title = Страница не найдена
common-error-not-found-text = Возможно, в адресе опечатка или страница перемещена. Найдите нужную услугу поиском.
common-error-method-title = Такого действия нет
common-error-method-text = По этому адресу нельзя отправить такой запрос. Откройте страницу заново.
common-error-conflict-title = Данные изменились, пока страница была открыта
common-error-conflict-text = Ничего не потеряно. Откройте страницу заново, посмотрите новое состояние и повторите действие.
common-error-gone-title = Срок истёк
common-error-gone-text = Эта страница или ссылка больше не действует.
common-error-too-large-title = Отправлено слишком много данных
common-error-too-large-text = Уменьшите файл или сократите текст и отправьте ещё раз.
common-error-unsupported-title = Такие данные не принимаются
common-error-unsupported-text = Выберите файл разрешённого вида и отправьте ещё раз.
common-error-invalid-title = В данных есть ошибка
common-error-invalid-text = Вернитесь назад и исправьте отмеченное. Введённое сохранено.
common-error-too-many-title = Слишком много попыток
common-error-too-many-text = Из соображений безопасности подождите немного и попробуйте снова.
common-error-busy-title = Сейчас большая нагрузка
common-error-busy-text = Ваш запрос не принят. Повторите через несколько секунд.
common-error-timeout-title = Ответ занял слишком много времени
common-error-timeout-text = Проверьте связь и попробуйте ещё раз. Принятые заявления не теряются.
common-error-internal-title = На портале произошёл сбой
common-error-internal-text = Мы уже знаем о нём. Сохранённые данные на месте; попробуйте немного позже.
common-error-csrf-text = Страница устарела, или запрос пришёл с другого сайта. Откройте страницу заново и повторите действие.
common-error-encoding-text = Отправленный текст не читается: его знаки повреждены.
common-error-idempotency-text = С этим ключом уже выполнен запрос с другим содержанием.
common-error-json-text = JSON не читается, или в нём есть неизвестное поле.
common-cabinet-mandates = Полномочия
common-acting-as = Вы действуете от имени:
common-acting-back = Вернуться к себе
common-acting-change = Выбрать другое
common-staff-people = Сотрудники
common-footer-foreign = Иностранным гражданам
common-staff-clients = Подключённые сайты

common-staff-refunds = Возврат платежей
