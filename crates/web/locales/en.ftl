### Words that are on every page.

## Portal

common-portal = Peshtoq
common-portal-what = State services portal
common-skip = Skip to main content
common-refresh = Refresh the page
common-home = Home
common-demo-word = Sample data
common-demo-text = This is a demonstration. The people, applications and documents are invented and have no legal force.
common-demo-link = Demo people
common-language = Language:
common-sign-in = Sign in
common-sign-out = Sign out
common-register = Register
common-cabinet = Cabinet
common-staff = Workplace
common-unread = unread
common-nav = Main sections
common-nav-services = All services
common-nav-verify = Check a document

## Search

common-search = Search
common-search-label = Search services
common-search-placeholder = For example: birth certificate
common-search-results = found
common-search-none = Nothing found

## Cabinet and workplace

common-cabinet-home = Overview
common-cabinet-cases = My applications
common-cabinet-documents = My documents
common-cabinet-invoices = Payments
common-cabinet-messages = Messages
common-cabinet-profile = My details
common-cabinet-access = Who looked at my data
common-cabinet-security = Security
common-staff-queue = Queue of applications
common-staff-unit = Load of the unit
common-staff-searches = Missed searches
common-staff-catalogue = Definitions of services

## Footer

common-footer-about = An open-source portal for getting state services in one place, without queues and paper.
common-footer-nav = Useful links
common-footer-staff = For staff
common-footer-api = API for developers
common-footer-gallery = Design components
common-footer-open = Peshtoq is open-source software. Names, fees and terms of services come from public sources.

## Display settings

common-prefs-link = Display
common-prefs-title = Display settings
common-prefs-lead = Your choice is kept on this device only.
common-prefs-saved = Settings saved
common-prefs-theme = Colours
common-prefs-theme-auto = As on the device
common-prefs-theme-light = Light
common-prefs-theme-dark = Dark
common-prefs-theme-contrast = High contrast
common-prefs-text = Text size
common-prefs-text-normal = Normal
common-prefs-text-large = Large
common-prefs-text-largest = Very large

## Actions

common-continue = Continue
common-back = Back
common-save = Save
common-save-exit = Save and leave
common-cancel = Cancel
common-change = Change
common-delete = Delete
common-close = Close
common-open = Open
common-send = Send
common-submit = Submit
common-confirm = Confirm
common-download = Download
common-print = Print
common-copy = Copy
common-copied = Copied
common-show = Show
common-show-all = Show all
common-apply-filter = Filter
common-clear-filter = Clear filter
common-more = More
common-details = Details
common-yes = Yes
common-no = No
common-not-known = No data
common-optional = (optional)
common-free = Free
common-saving = Saving…
common-saved = Saved
common-not-saved = Not saved: check your connection. What you typed is still on this page.
common-drop-here = Drop a file here or choose one
common-chars-left = characters left

## Finding one’s way

common-breadcrumbs = You are here
common-pagination = Pages of the list
common-previous = Previous
common-next = Next
common-steps = Steps of the application
common-step-done = (done)
common-step-of = Step { $step } of { $total }

## Dates and times

common-date-day = Day
common-date-month = Month
common-date-year = Year
common-date-hint = For example: 27 3 1990
common-today = today
common-tomorrow = tomorrow
common-yesterday = yesterday
common-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
 }
common-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
 }
common-workdays = { $n ->
    [one] { $n } working day
   *[other] { $n } working days
 }
common-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
 }
common-months = { $n ->
    [one] { $n } month
   *[other] { $n } months
 }
common-days-left = { $n ->
    [one] { $n } day left
   *[other] { $n } days left
 }
common-days-late = { $n ->
    [one] { $n } day late
   *[other] { $n } days late
 }
common-due = by { $date }

## Messages

common-warning = Warning:
common-error-prefix = Error:
common-error-summary = Please correct the following
common-error-required = Fill in this field
common-error-retry = Try again
common-error-home = To the home page
common-error-reference = When you contact support, give this code: { $code } · { $reference }

## Error pages

common-error-bad-request-title = The request could not be understood
common-error-bad-request-text = The link or the data sent is damaged. Go back and try again.
common-error-sign-in-title = Sign in first
common-error-sign-in-text = You need to confirm who you are to see this page.
common-error-forbidden-title = You may not do this
common-error-forbidden-text = Your rights do not cover this page or action.
common-error-not-found-title = Page not found
common-error-not-found-text = The address may be mistyped or the page moved. Find the service that you need by searching.
common-error-method-title = No such action
common-error-method-text = This address does not take such a request. Open the page again.
common-error-conflict-title = The data changed while the page was open
common-error-conflict-text = Nothing is lost. Open the page again, look at the new state and repeat the action.
common-error-gone-title = Expired
common-error-gone-text = This page or link is no longer valid.
common-error-too-large-title = Too much was sent
common-error-too-large-text = Make the file smaller or the text shorter and send it again.
common-error-unsupported-title = Data of this kind is not accepted
common-error-unsupported-text = Choose a file of an allowed kind and send it again.
common-error-invalid-title = Something in the data is wrong
common-error-invalid-text = Go back and correct what is marked. What you entered is kept.
common-error-too-many-title = Too many attempts
common-error-too-many-text = For safety, wait a little and try again.
common-error-busy-title = Many people are here right now
common-error-busy-text = Your request was not accepted. Try again in a few seconds.
common-error-timeout-title = The answer took too long
common-error-timeout-text = Check your connection and try again. Accepted applications are never lost.
common-error-internal-title = Something failed on our side
common-error-internal-text = We have been told. What you saved is safe; try again a little later.
common-error-csrf-text = The page is out of date, or the request came from another site. Open the page again and repeat the action.
common-error-encoding-text = The text sent cannot be read: its characters are damaged.
common-error-idempotency-text = A request with different content was already carried out under this key.
common-error-json-text = The JSON cannot be read or has an unknown field.
common-cabinet-mandates = Mandates
common-acting-as = You act for:
common-acting-back = Back to myself
common-acting-change = Choose another
common-staff-people = Staff
common-footer-foreign = For foreign citizens
common-staff-clients = Connected sites

common-staff-refunds = Refunds
