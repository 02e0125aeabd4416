### Платежи

payments-list-title = Платежи
payments-empty-title = Платежей пока нет
payments-empty-text = Когда вы подадите заявление на платную услугу, счёт появится здесь.
payments-number = Номер счёта
payments-amount = Сумма
payments-state-open = Ожидает оплаты
payments-state-paid = Оплачен
payments-state-expired = Срок истёк
payments-state-cancelled = Отменён
payments-state-refunded = Деньги возвращены
payments-until = до { $date }
payments-paid-at = Оплачен { $date }
payments-invoice-title = Счёт { $number }
payments-to-pay = К оплате: { $amount }
payments-pay-until = Оплатите до { $date }. После этого счёт и вместе с ним заявление будут отменены.
payments-pay = Оплатить { $amount }
payments-pay-note = Откроется страница платёжной системы. Данные вашей карты на портал не передаются.
payments-pay-demo = Это учебный платёж: настоящие деньги не списываются.
payments-no-provider = Платёжная система пока не подключена.
payments-other-ways = Чтобы оплатить в другом приложении, введите номер счёта: { $number }
payments-paid-title = Оплата получена
payments-paid-text = Оплата получена { $date }. Работа по заявлению продолжается.
payments-paid-covered = Засчитана оплата по вашему ранее отклонённому заявлению. Платить ещё раз не нужно.
payments-to-case = К заявлению { $number }
payments-over-title = Этот счёт больше нельзя оплатить
payments-over-text = Его срок истёк или он отменён. Если услуга нужна, подайте заявление ещё раз.
payments-credit-title = Ваша оплата ещё действует
payments-credit-text = Заявление отклонено, но если до { $date } вы снова подадите заявление на эту услугу, платить не придётся.
payments-lines-title = Как рассчитана сумма
payments-line = Вид платежа
payments-line-base = Базовая сумма
payments-line-rate = Коэффициент и льгота
payments-line-web = × { $rate } (через портал)
payments-total = Итого
payments-relief-social-register = Льгота по социальному реестру
payments-relief-disability = Льгота по инвалидности I–II группы
payments-relief-orphan = Льгота для детей-сирот
payments-details-title = Сведения о счёте
payments-case = Номер заявления
payments-created = Выставлен
payments-paid-on = Время оплаты
payments-copy-number = Скопировать номер
payments-card-none = Неоплаченных счетов нет
payments-card-open = { $n ->
    [one] { $n } счёт ожидает оплаты
    [few] { $n } счёта ожидают оплаты
   *[many] { $n } счетов ожидают оплаты
 }
payments-card-all = Все платежи

payments-state-refund-due = Подлежит возврату
payments-refund-due-title = Ваш платёж возвращается
payments-refund-due-text = { $amount } подлежит возврату с { $date }. Деньги вернутся на карту или счёт, с которого вы платили. Мы сообщим, когда они будут возвращены.
payments-refunds-title = Платежи к возврату
payments-refunds-lead = Заявления, по которым оплату нужно вернуть. Отмените платёж у провайдера: когда он сообщит об этом, строка исчезнет.
payments-refunds-empty-title = Возвращать нечего
payments-refunds-empty-text = Когда заявление завершится и оплату нужно будет вернуть, оно появится здесь.
payments-refunds-count = платежей к возврату
payments-refunds-sum = всего
payments-refunds-file = Скачать CSV
payments-refunds-service = Услуга и заявление
payments-refunds-because = Причина и с какого времени
payments-refunds-transaction = Транзакция провайдера
payments-refunds-more = Показаны 200 самых давних, в файле — все.
payments-refund-refused = Отказ
payments-refund-withdrawn = Отозвано
payments-refund-expired = Срок истёк
