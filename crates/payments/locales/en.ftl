### Payments

payments-list-title = Payments
payments-empty-title = No payments yet
payments-empty-text = When you apply for a service that has a fee, its invoice will appear here.
payments-number = Invoice number
payments-amount = Amount
payments-state-open = Waiting for payment
payments-state-paid = Paid
payments-state-expired = Expired
payments-state-cancelled = Cancelled
payments-state-refunded = Refunded
payments-until = by { $date }
payments-paid-at = Paid { $date }
payments-invoice-title = Invoice { $number }
payments-to-pay = To pay: { $amount }
payments-pay-until = Pay by { $date }. After that the invoice is cancelled, and the application with it.
payments-pay = Pay { $amount }
payments-pay-note = The payment provider’s page opens. The portal never sees your card details.
payments-pay-demo = This is a demo payment: no real money is taken.
payments-no-provider = No payment provider is connected yet.
payments-other-ways = To pay in another app, enter the invoice number: { $number }
payments-paid-title = Payment received
payments-paid-text = Your payment was received on { $date }. Work on your application goes on.
payments-paid-covered = The fee you paid for your refused application was counted for this one. You do not have to pay again.
payments-to-case = Go to application { $number }
payments-over-title = This invoice can no longer be paid
payments-over-text = It has expired or was cancelled. If you need the service, please apply again.
payments-credit-title = Your fee is still valid
payments-credit-text = The application was refused, but if you apply for this service again by { $date }, you will not pay again.
payments-lines-title = How the amount was worked out
payments-line = Kind of fee
payments-line-base = Base amount
payments-line-rate = Rate and relief
payments-line-web = × { $rate } (through the portal)
payments-total = Total
payments-relief-social-register = Relief for people in the social register
payments-relief-disability = Relief for disability of group I–II
payments-relief-orphan = Relief for orphans
payments-details-title = Invoice details
payments-case = Application number
payments-created = Issued
payments-paid-on = Time of payment
payments-copy-number = Copy the number
payments-card-none = No unpaid invoices
payments-card-open = { $n ->
    [one] One invoice waits for payment
   *[other] { $n } invoices wait for payment
 }
payments-card-all = All payments

payments-state-refund-due = To be refunded
payments-refund-due-title = Your payment is being returned
payments-refund-due-text = { $amount } is to be returned to you, since { $date }. It comes back to the card or account from which you paid. We will tell you when it has been sent.
payments-refunds-title = Refunds that are due
payments-refunds-lead = Applications that ended so that the fee goes back. Cancel the payment at the provider; it leaves the list when the provider reports it.
payments-refunds-empty-title = Nothing to refund
payments-refunds-empty-text = When a paid application ends and its fee goes back, it appears here.
payments-refunds-count = payments to return
payments-refunds-sum = in all
payments-refunds-file = Download as CSV
payments-refunds-service = Service and application
payments-refunds-because = Reason and since when
payments-refunds-transaction = Transaction of the provider
payments-refunds-more = The oldest 200 are shown; the file has all.
payments-refund-refused = Refused
payments-refund-withdrawn = Withdrawn
payments-refund-expired = Time ran out
