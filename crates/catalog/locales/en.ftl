# Catalogue of services: home, groups, search, service passport.

catalog-home-meta = Portal of public services: find a service, apply, follow your application and get the document.
catalog-home-title = Public services through one door
catalog-home-lead = Search in your own words. What the state already knows, we do not ask again.
catalog-search-hint = Write in Latin or Cyrillic, with any apostrophe, even with a typo.
catalog-home-popular = Most used services
catalog-home-groups = By subject
catalog-home-life = Life situations
catalog-home-life-lead = The services that one event calls for, in one place.
catalog-home-all = All services
catalog-home-how = How it works
catalog-home-how-1-title = Find
catalog-home-how-1 = By name, by a plain word or by a life situation. You see the price, the time and the steps in advance.
catalog-home-how-2-title = Apply
catalog-home-how-2 = Three pages at most. What the registers know is filled in for you, with its source.
catalog-home-how-3-title = Follow and receive
catalog-home-how-3 = You always see who has your application and when it will be answered. The document comes as a PDF with a QR code that anybody can check.
catalog-home-verify-title = Is a document genuine?
catalog-home-verify = Check it by number, QR code or file, without an account.
catalog-home-verify-link = Check a document

catalog-group-empty-title = No services here yet
catalog-group-empty = Services are added step by step. Look at other subjects or use the search.
catalog-groups-title = Subjects
catalog-group-meta = Public services of “{ $title }”: price, time, documents needed.
catalog-life-title = Life situations
catalog-life-lead = Services that are usually needed in this situation.
catalog-life-meta = “{ $title }”: public services needed in this situation.
catalog-life-empty = The services for this situation have not been added to the portal yet.
catalog-life-more = { $n ->
    [one] One more service for this situation ({ $n }) will be added later.
   *[other] { $n } more services for this situation will be added later.
}

catalog-services-title = All services
catalog-services-meta = Every public service of the portal: choose by agency, price and time.
catalog-filter-title = Filter
catalog-filter-agency = Agency
catalog-filter-agency-any = All agencies
catalog-filter-group = Subject
catalog-filter-group-any = All subjects
catalog-filter-free = Only free services
catalog-filter-instant = Only instant services
catalog-filter-apply = Show
catalog-filter-clear = Clear the filter
catalog-filter-empty-title = No such service
catalog-filter-empty = No service meets all the conditions. Take one of them away.
catalog-count = { $n ->
    [one] { $n } service
   *[other] { $n } services
}

catalog-results-title = Search results
catalog-results-for = Results for “{ $question }”
catalog-results-none-title = Nothing found for “{ $question }”
catalog-results-none = Try it another way:
catalog-results-none-1 = keep one or two main words: “passport”, “licence”, “kindergarten”;
catalog-results-none-2 = you may write in Latin or Cyrillic, in Uzbek, Karakalpak, Russian or English;
catalog-results-none-3 = if you know the number of the service, type the number itself.
catalog-results-none-groups = Or choose a subject
catalog-results-empty-title = What are you looking for?
catalog-results-empty = Type the name of a service, a plain word or the number of a service.

catalog-free = Free
catalog-instant = Instant
catalog-fee-from = from { $amount }
catalog-fill = { $n ->
    [one] { $n } minute to fill in
   *[other] { $n } minutes to fill in
}
catalog-rating = { $value } of 5
catalog-raters-none = Not rated on this portal yet

catalog-term-auto = Automatically, at once
catalog-term-queue = When your turn comes
catalog-term-none = The source does not state a term

catalog-passport-number = Service number
catalog-passport-start = Apply
catalog-passport-start-hint = You sign in to your cabinet to apply. Your answers are saved at every step, so you can go on later.
catalog-passport-start-open = No sign-in is needed for this service.
catalog-passport-suspended = The service is not offered at the moment.
catalog-passport-toc = On this page
catalog-passport-glance = At a glance
catalog-passport-price = Price
catalog-passport-price-free = The service is free of charge.
catalog-passport-price-caption = Price by payer and channel
catalog-passport-price-component = Component and payer
catalog-passport-price-web = On the portal
catalog-passport-price-dxm = At a centre
catalog-passport-price-total = Total
catalog-passport-price-share = At a centre { $share } of BHM
catalog-passport-price-bhm = Base calculation amount (BHM): { $amount } on { $date }. On the portal the rate is usually multiplied by { $rate }.
catalog-passport-price-due-submit = You pay when you apply.
catalog-passport-price-due-later = You pay at the stage “{ $state }”, after your application has been examined.
catalog-passport-price-expires = An unpaid invoice expires after { $term }, and the application is closed with it.
catalog-passport-reliefs = Reliefs
catalog-passport-reliefs-caption = Price with a relief (on the portal)
catalog-passport-relief = For whom
catalog-passport-relief-share = Discount
catalog-passport-relief-price = Price
catalog-passport-relief-note = You need not prove the relief: it is read from the register of social protection.
catalog-passport-kept-title = Fee of a refused application
catalog-passport-kept = { $n ->
    [one] After a refusal the fee stays valid for { $n } more day: a new application within that time is not charged again.
   *[other] After a refusal the fee stays valid for { $n } more days: a new application within that time is not charged again.
}
catalog-passport-kept-none = The fee of a refused application does not carry over to the next one.
catalog-passport-kept-unknown = How long the fee stays valid after a refusal was not read in the source: to be confirmed.
catalog-passport-term = Time
catalog-passport-term-pause = The clock stands still while the application is with you for correction.
catalog-passport-term-breach-escalate = If the term is missed, the application goes to the head of the unit.
catalog-passport-documents = Documents needed
catalog-passport-documents-none = None. The agencies take what they need from the registers.
catalog-passport-documents-registers = Read from registers for you
catalog-passport-audience = Who may apply
catalog-passport-audience-natural = Natural persons
catalog-passport-audience-legal = Legal persons
catalog-passport-audience-sole-trader = Sole traders
catalog-passport-audience-self-employed = Self-employed persons
catalog-passport-audience-foreign = Foreign citizens and stateless persons
catalog-passport-audience-all = Everybody
catalog-passport-eligibility = Conditions
catalog-passport-limit = { $n ->
    [one] Only { $n } application may be open at a time.
   *[other] At most { $n } applications may be open at a time.
}
catalog-passport-result = Result
catalog-passport-result-valid = Valid for { $term }
catalog-passport-steps = How it works
catalog-passport-step-submit = You fill in and send the application
catalog-passport-step-submit-auto = You send a request
catalog-passport-step-you = Your turn
catalog-passport-step-system = The system does it by itself
catalog-passport-step-term = Term: { $term }
catalog-passport-step-returned = If something is missing, the application comes back to you with an explanation; correct it and send it again.
catalog-passport-step-parallel = The agencies work at the same time
catalog-passport-step-votes = A commission votes
catalog-passport-reasons = Grounds for refusal
catalog-passport-reasons-lead = An application may be refused only on a ground of this closed list.
catalog-passport-appeal = { $n ->
    [one] The decision can be appealed within { $n } day.
   *[other] The decision can be appealed within { $n } days.
}
catalog-passport-legal = Legal basis
catalog-passport-legal-number = No. { $number }
catalog-passport-legal-article = { $article }
catalog-passport-agencies = Agencies
catalog-passport-role-owner = Owner of the service
catalog-passport-role-executor = Takes part in the decision
catalog-passport-role-source = Provides data
catalog-passport-contacts = Contacts
catalog-passport-contacts-none = Contacts were not read in the source: to be confirmed.
catalog-passport-stats = Statistics
catalog-passport-stats-caption = Applications on this portal by status
catalog-passport-stats-new = New
catalog-passport-stats-progress = In progress
catalog-passport-stats-finished = Finished
catalog-passport-stats-refused = Refused
catalog-passport-stats-payment = Awaiting payment
catalog-passport-stats-cancelled = Cancelled
catalog-passport-stats-none = No applications on this portal yet.
catalog-passport-stats-published = { $n ->
    [one] Published on my.gov.uz: used { $n } time
   *[other] Published on my.gov.uz: used { $n } times
}
catalog-passport-stats-published-rated = { $n ->
    [one] Published on my.gov.uz: used { $n } time, mean rating { $value }
   *[other] Published on my.gov.uz: used { $n } times, mean rating { $value }
}
catalog-passport-ratings = Ratings
catalog-passport-ratings-star = { $n ->
    [one] { $n } star
   *[other] { $n } stars
}
catalog-passport-status = Status
catalog-passport-number-of = Number
catalog-passport-sources = Sources
catalog-passport-sources-note = Sample data: names, prices and terms come from public sources and do not replace an official document.
catalog-passport-version = Version of the definition
catalog-passport-unconfirmed = to be confirmed
catalog-passport-related = Other services of this subject
catalog-passport-channel-web = Portal
catalog-passport-channel-mobile = Mobile application
catalog-passport-channel-dxm = Public service centre
catalog-passport-channel-kiosk = Kiosk
catalog-passport-channel-api = API
catalog-passport-channel-home-visit = At home
catalog-passport-channels = How to apply

catalog-fee-duty = State duty
catalog-fee-fee = Fee
catalog-fee-emblem = Coat-of-arms fee
catalog-fee-service = Service charge
catalog-fee-fixed = Fixed charge

catalog-unknown-service = The number is wrong, or the service is no longer offered. Look for it by name.

catalog-relief-social-register = Persons in the unified register of social protection
catalog-relief-disability-1-2 = Persons with a disability of group I or II
catalog-relief-orphan = Orphans and children without parental care

catalog-soon = Services are being prepared
catalog-fact-uses = Times used (my.gov.uz)
catalog-fact-rating = Mean rating
catalog-fact-rating-published = Mean rating (my.gov.uz)
catalog-fact-fill = Time to fill in
catalog-passport-assumed = Not read in the source, to be confirmed
catalog-passport-stats-unavailable = Statistics are not available now; look again a little later.
catalog-fee-computed = worked out from your answers
catalog-passport-access = How one applies
catalog-passport-appeal-outer = Even if the decision was not opened, { $n } days after it no appeal is taken.
catalog-passport-assurance-face = You are identified by face. The portal cannot do that yet: go to a service centre.
catalog-passport-assurance-otp = You confirm with a code by SMS that it is you.
catalog-passport-assurance-signature = An electronic signature is needed. The portal cannot take one yet: go to a service centre.
catalog-passport-for-attorney = One may apply for another person by a power of attorney.
catalog-passport-for-child = A parent may apply for a child under { $n }.
catalog-passport-for-organisation = People named in the register of taxpayers may apply for an organisation.
catalog-passport-for-organisation-roles = People named in the register of taxpayers ({ $roles }) may apply for an organisation.
catalog-passport-for-ward = A guardian may apply for a ward under { $n }.
catalog-passport-limit-per = Open applications about one and the same thing at a time: up to { $n }.
catalog-passport-not-yet = Applications are not taken now. They are taken from { $from } to { $to }.
catalog-passport-online-only = From { $date } on the service is given online only, centres take no applications.
catalog-passport-online-only-for = From { $date } on the service is given online only: { $whom }.
catalog-passport-over = Applications were taken until { $date }.
catalog-passport-retention = How long data are kept
catalog-passport-retention-days = { $n } days after the end of the case, personal data and files of the application are erased.
catalog-passport-retention-months = { $n } months after the end of the case, personal data and files of the application are erased.
catalog-passport-retention-years = { $n } years after the end of the case, personal data and files of the application are erased.
catalog-passport-step-second = Two officials confirm the decision.
catalog-passport-term-reset = When a corrected application is sent, the term begins anew.
catalog-passport-term-silent-no = Without an answer in time the application counts as refused. You can appeal that.
catalog-passport-term-silent-ok = Without an answer in time the application counts as approved.
catalog-passport-term-six-days = Saturdays are working days for this term.
catalog-passport-window = Applications are taken from { $from } to { $to }.
catalog-passport-window-finish = A form that was begun in that time can be sent for { $n } more days.
