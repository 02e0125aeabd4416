# Inbox
notifications-title = Messages
notifications-new = new
notifications-open = See more
notifications-read-all = Mark all as read
notifications-empty-title = No messages
notifications-empty-text = When something happens to your application, payment or document, we write here.
notifications-find-service = Find a service
notifications-card-none = No new messages
notifications-card-unread =
    { $count ->
        [one] { $count } new message
       *[other] { $count } new messages
    }
notifications-card-all = All messages

# Demo phone
notifications-phone-title = Demo phone
notifications-phone-text = In the demonstration SMS and e-mails are sent to nobody: they appear here. The page renews itself.
notifications-phone-to = Phone number or e-mail address
notifications-phone-to-hint = Leave empty to see everything
notifications-phone-show = Show
notifications-phone-list = SMS and e-mails
notifications-phone-sms = SMS
notifications-phone-email = e-mail
notifications-phone-empty-title = Nothing has come yet
notifications-phone-empty-text = Ask for a code or apply for a service: the SMS will appear here.

# One-time codes
notice-code-register = Peshtoq: your registration code is { $code }. Tell it to nobody.
notice-code-sign-in = Peshtoq: your sign-in code is { $code }. Tell it to nobody.
notice-code-change-phone = Peshtoq: your code to change the phone number is { $code }. Tell it to nobody.

# Notices
notice-case-submitted-title = Application received
notice-case-submitted-body = Your application “{ $service }” was received. Number: { $number }. Answer due: { $due }.
notice-case-submitted-sms = Peshtoq: application { $number } was received. Due: { $due }.
notice-case-progress-title = The application moved on
notice-case-progress-body = Your application “{ $service }” ({ $number }): { $state }.
notice-case-progress-sms = Peshtoq: the state of application { $number } has changed.
notice-case-returned-title = The application needs a correction
notice-case-returned-body = Your application “{ $service }” ({ $number }) was returned for correction. Reason: { $reason }. The clock stands still until you correct it.
notice-case-returned-sms = Peshtoq: application { $number } was returned for correction. Please sign in.
notice-case-approved-title = Application approved
notice-case-approved-body = Your application “{ $service }” ({ $number }) was approved.
notice-case-approved-sms = Peshtoq: application { $number } was approved.
notice-case-refused-title = Application refused
notice-case-refused-body = Your application “{ $service }” ({ $number }) was refused. Reason: { $reason }. You can appeal in the cabinet.
notice-case-refused-sms = Peshtoq: application { $number } was refused. See the cabinet for the reason.
notice-case-withdrawn-title = Application withdrawn
notice-case-withdrawn-body = Your application “{ $service }” ({ $number }) was ended at your request.
notice-case-withdrawn-sms = Peshtoq: application { $number } was withdrawn.
notice-case-expired-title = Application expired
notice-case-expired-body = Your application “{ $service }” ({ $number }) has ended because it was not paid in time. You can apply again.
notice-case-expired-sms = Peshtoq: application { $number } has ended: it was not paid in time.
notice-payment-due-title = Payment is due
notice-payment-due-body = For “{ $service }” ({ $number }) please pay { $amount } by { $due }.
notice-payment-due-sms = Peshtoq: please pay { $amount } for { $number } by { $due }.
notice-payment-received-title = Payment received
notice-payment-received-body = { $amount } was received for “{ $service }” ({ $number }).
notice-payment-received-sms = Peshtoq: { $amount } was received for { $number }.
notice-payment-refund-due-title = Your payment will be returned
notice-payment-refund-due-body = { $amount } that was paid for “{ $service }” ({ $number }) is to be returned. It comes back to the card or account from which you paid.
notice-payment-refund-due-sms = Peshtoq: { $amount } paid for { $number } will be returned.
notice-payment-refunded-title = Payment refunded
notice-payment-refunded-body = { $amount } that was paid for “{ $service }” ({ $number }) was refunded.
notice-payment-refunded-sms = Peshtoq: { $amount } was refunded for { $number }.
notice-document-issued-title = The document is ready
notice-document-issued-body = Your document “{ $document }”, number { $number }, is ready. You can download it in the cabinet.
notice-document-issued-sms = Peshtoq: document { $number } is ready. Download it in the cabinet.
notice-document-revoked-title = The document was revoked
notice-document-revoked-body = The document “{ $document }” ({ $number }) was revoked. Reason: { $reason }.
notice-document-revoked-sms = Peshtoq: document { $number } was revoked.
notice-appeal-decided-title = The appeal was decided
notice-appeal-decided-body =
    Your appeal about “{ $service }” ({ $number }) { $granted ->
        [true] was granted: the application will be handled again
       *[other] was decided, the decision stands
    }. Comment: { $comment }.
notice-appeal-decided-sms = Peshtoq: the appeal about { $number } was decided.
notice-welcome-title = Welcome
notice-welcome-body = Your cabinet is open. You can apply, pay and get documents here.
notice-welcome-sms = Peshtoq: your cabinet is open.
notice-sign-in-new-device-title = Sign-in from a new device
notice-sign-in-new-device-body = Somebody signed in to your cabinet from a new device: { $device }, network address { $place }, time: { $at }. If that was not you, sign it out and change the password.
notice-sign-in-new-device-sms = Peshtoq: a new device ({ $device }) signed in to your cabinet.
notice-password-changed-title = The password was changed
notice-password-changed-body = The password of your cabinet was changed and other devices were signed out. If that was not you, sign in by a code at once and change the password.
notice-password-changed-sms = Peshtoq: the password of your cabinet was changed. If that was not you, sign in at once.
notice-other-title = News in your cabinet
notice-other-body = There is news in your cabinet. See more by the link below.
notice-other-sms = Peshtoq: there is news in your cabinet.
notice-case-reminder-title = It is your turn in an application
notice-case-reminder-body = It is your turn in your application “{ $service }” ({ $number }). Answer by { $due }, or the application is closed.
notice-case-reminder-sms = Peshtoq: it is your turn in application { $number }. Please sign in.
notice-case-late-title = The application is late
notice-case-late-body = Your application “{ $service }” ({ $number }) was not answered in its term. The head of the unit in charge has been told.
notice-case-late-sms = Peshtoq: application { $number } is late, the head has been told.

# Locks of the account
notice-code-change-email = Peshtoq: the code to confirm your e-mail address is { $code }. Tell it to nobody.
notice-locks-asked-title = Somebody asked to change how your cabinet is opened
notice-locks-asked-body = Somebody asked to change what opens your cabinet. It comes into force: { $at }. If it was not you, open the link and freeze the cabinet: { $url }
notice-locks-asked-sms = Peshtoq: what opens your cabinet will change. Not you? { $url }
notice-locks-changed-title = What opens your cabinet has changed
notice-locks-changed-body = What opens your cabinet was changed. If it was not you, open the link and freeze the cabinet: { $url }
notice-locks-changed-sms = Peshtoq: what opens your cabinet has changed. Not you? { $url }
notice-account-frozen-title = The cabinet is frozen
notice-account-frozen-body = “This was not me” was pressed: the cabinet is frozen and all devices are signed out. To get it back two ways are needed, or a service centre.
notice-account-frozen-sms = Peshtoq: your cabinet is frozen. Get it back on the site or at a service centre.
notice-account-recovered-title = The cabinet was recovered
notice-account-recovered-body = A new password was set and all devices were signed out. If it was not you, open the link and freeze the cabinet: { $url }
notice-account-recovered-sms = Peshtoq: a new password was set for your cabinet. Not you? { $url }
notice-mandate-offered-title = { $giver } gives you a mandate
notice-mandate-offered-body = { $giver } gives you the mandate { $number }. Read it, then accept or decline it.
notice-mandate-offered-sms = Peshtoq: { $giver } gives you a mandate. Sign in to your cabinet.
notice-mandate-changed-title = Mandate { $number }: { $what }
notice-mandate-changed-body = Mandate { $number } ({ $giver } to { $holder }): { $what }.
notice-mandate-changed-sms = Peshtoq: mandate { $number }: { $what }.
