# Opening a cabinet
identity-register-title = Open a cabinet
identity-register-kind = For whom
identity-register-citizen = I have a PINFL
identity-register-foreign = Foreign citizen
identity-register-text = We learn your name from the state register of population by your PINFL and passport – you need not type it.
identity-register-foreign-text = If you have no PINFL, enter what your passport says.
identity-step-who = Who you are
identity-step-code = Code by SMS
identity-step-password = Password
identity-have-cabinet = Have a cabinet already?
identity-sign-in-link = Sign in
identity-send-code = Send a code
identity-open-cabinet = Open the cabinet
identity-taken-title = You have a cabinet already
identity-taken-text = A cabinet was opened with this PINFL, passport or phone number. Sign in by password or by a code. If that was not you, turn to a public service centre.
identity-password-title = Choose a password
identity-password-hello = { $name }, your phone number is confirmed. One step is left.

# Fields
identity-pinfl = PINFL (JShShIR)
identity-pinfl-short = PINFL
identity-pinfl-hint = 14 digits: on the ID card or on the photo page of the passport
identity-passport = Series and number of the passport or ID card
identity-passport-hint = For example, AA 1234567
identity-country = Citizenship
identity-country-empty = Choose
identity-foreign-passport = Passport number
identity-foreign-passport-hint = Latin letters and digits, as in the passport
identity-surname = Surname
identity-name = Name
identity-name-hint = As in the passport
identity-patronymic = Patronymic
identity-birth-date = Date of birth
identity-birth-date-hint = For example, 27 3 1990
identity-phone = Mobile phone number
identity-phone-short = Phone
identity-phone-hint = A code will come to it. For example, +998 90 123 45 67
identity-email = E-mail
identity-email-hint = Notices will come there too
identity-password = Password
identity-new-password = New password
identity-current-password = Current password
identity-password-hint = At least 8 characters. A phrase of several words is the best password
identity-full-name = Full name
identity-citizenship = Citizenship
identity-address = Place of permanent registration
identity-relief = Relief
identity-relief-social-register = In the unified register of social protection
identity-relief-disability-1-2 = Disability of group I or II
identity-relief-orphan = Orphan

# Codes
identity-code-title = Enter the code
identity-code-sent = A code was sent to { $phone }. It is good for 5 minutes.
identity-code-maybe-sent = If there is a cabinet with these data, a code was sent to its phone. It is good for 5 minutes.
identity-code = Code of 6 digits
identity-code-hint = Tell the code to nobody: staff never ask for it
identity-remember = Remember this device
identity-remember-hint = Next time only the password is asked for. Do not tick this on a shared computer.
identity-code-late = No code? After a minute it can be sent again.
identity-code-again = Send the code again
identity-code-resent = A new code was sent
identity-start-again = Start again
identity-code-demo = Demonstration: no real SMS is sent.
identity-code-demo-link = Open the demo phone

# Signing in
identity-sign-in-title = Sign in to the cabinet
identity-login = PINFL, passport or phone number
identity-login-hint = For example, a PINFL of 14 digits, AA 1234567 or +998 90 123 45 67
identity-sign-in = Sign in
identity-sign-in-by-code = Sign in by a code
identity-forgot = Forgot the password? Leave the field empty and sign in by a code.
identity-no-cabinet = No cabinet yet?
identity-register-link = Open one
identity-demo-people = Demonstration:
identity-demo-people-link = the demo people and their passwords
identity-flow-gone-title = Time is over
identity-flow-gone-text = Signing in or registering was not finished. For safety, please start again.
identity-staff-title = Sign-in for staff
identity-staff-text = For officials of public bodies. Password and code are asked for every time.
identity-staff-login = Login
identity-citizen-link = Sign-in for citizens

# Cabinet
identity-cabinet-title = Hello, { $name }
identity-cabinet-text = Applications, documents and payments – all are here.
identity-cabinet-empty-title = Nothing here yet
identity-cabinet-empty-text = Find a service and apply: it will appear here.
identity-find-service = Find a service
identity-card-urgent = Waits for you
identity-own-data = My data
identity-all-own-data = All data and settings
identity-welcome-title = Your cabinet is open
identity-welcome-text = You can apply for services now.
identity-source-population = Source: the state register of population, as of { $date }.
identity-source-self = Source: you entered them when registering, { $date }.
identity-wrong-data = Are the data wrong?
identity-wrong-data-text = Name, date of birth and passport come from the state register of population and are not changed here. To correct a mistake, go with your passport to the migration office of the internal affairs body of your district or to a public service centre. What is corrected in the register appears here too.
identity-contacts-title = Contact and language
identity-notice-language = Language of notices and documents
identity-notice-language-hint = The language of pages is chosen in the menu above
identity-profile-saved = Changes are saved
identity-security-title = Security
identity-sessions-title = Where you are signed in
identity-sessions-text = If you see a device that is not yours, sign it out and change the password.
identity-session-device = Device
identity-session-begun = Signed in
identity-session-seen = Last used
identity-session-place = Network address
identity-session-action = Action
identity-session-current = this device
identity-session-revoke = Sign out
identity-session-revoke-others = Sign out everywhere else
identity-session-revoked = The device is signed out
identity-session-others-revoked = All other devices are signed out
identity-change-password-title = Change the password
identity-change-password = Change the password
identity-password-since = The current password is in use since { $date }. Changing it signs all other devices out.
identity-password-changed = The password is changed and other devices are signed out
identity-password-forgot-title = Set a new password
identity-password-forgot-text = You signed in by a code, so the old password is not asked for now.

# Who looked
identity-access-title = Who looked at my data
identity-access-text = Every look of officials and systems at your data is recorded here.
identity-access-empty-title = Nobody has looked yet
identity-access-empty-text = When you apply, those who handled the application appear here.
identity-access-when = When
identity-access-who = Who
identity-access-what = What
identity-access-why = Why
identity-access-complain = If you think that somebody looked without reason, turn to a public service centre or to the Personalization Agency.
identity-action-case-view = Opened the application
identity-action-case-file = Opened an attached file
identity-action-case-act = Worked on the application
identity-action-register-fetch = Asked a register
identity-action-document-view = Opened a document
identity-action-document-download = Downloaded a document
identity-action-document-revoke = Revoked a document
identity-reason-case-work = Handling of the application
identity-reason-registration = Opening of the cabinet
identity-reason-case = Handling of the application

# Errors
identity-error-held =
    Too many tries. Try again in { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    } or sign in from a device that you have used before.
identity-error-refused = The login or the password is wrong
identity-error-login-empty = Enter the login
identity-error-password-empty = Enter the password
identity-error-current-password = The current password is wrong
identity-error-pinfl = A PINFL has 14 digits
identity-error-pinfl-check = The PINFL has a mistake: compare the digits with the document
identity-error-passport = Enter the series and number of the passport, for example, AA 1234567
identity-error-country = Choose the country
identity-error-surname = Enter the surname
identity-error-name = Enter the name
identity-error-long = Too long
identity-error-birth-date = Enter the date of birth: day, month, year
identity-error-phone = Enter the phone number, for example, +998 90 123 45 67
identity-error-email = Enter an e-mail address, for example, name@mail.uz
identity-error-lang = Choose the language
identity-error-not-in-register = The register knows no such PINFL with this passport. Compare the digits with the document.
identity-error-register-away = The register of population does not answer now. What you typed is kept – send it again a little later.
identity-error-code = The code has 6 digits
identity-error-code-wrong =
    The code is wrong. { $left ->
        [one] { $left } try is left
       *[other] { $left } tries are left
    }.
identity-error-code-exhausted = No tries are left. Start again.
identity-error-code-expired = The code has expired. Ask for a new one.
identity-error-password-short = The password needs at least 8 characters
identity-error-password-long = The password may have at most 128 characters
identity-error-password-common = This password is among those that are tried first. Choose another.
identity-error-password-personal = The password must not be your name or number
identity-error-stale = The data were changed in another window. Check and save again.

# Countries
identity-country-af = Afghanistan
identity-country-ae = United Arab Emirates
identity-country-am = Armenia
identity-country-az = Azerbaijan
identity-country-by = Belarus
identity-country-cn = China
identity-country-de = Germany
identity-country-gb = United Kingdom
identity-country-ge = Georgia
identity-country-in = India
identity-country-jp = Japan
identity-country-kg = Kyrgyzstan
identity-country-kr = Republic of Korea
identity-country-kz = Kazakhstan
identity-country-my = Malaysia
identity-country-pk = Pakistan
identity-country-pl = Poland
identity-country-ru = Russia
identity-country-tj = Tajikistan
identity-country-tm = Turkmenistan
identity-country-tr = Türkiye
identity-country-ua = Ukraine
identity-country-us = United States
identity-country-vn = Vietnam
identity-country-uz = Uzbekistan
identity-country-xx = Another country or none
identity-step-up-title = Confirm that it is you with a code
identity-step-up-text = You signed in with a password. This service also needs the code that we send to your phone. After that you come back to the service.
identity-step-up-send = Send the code
identity-step-up-no-phone = Your cabinet has no confirmed phone number. Add it under “My data”.
identity-action-sso-sign-in = You signed in to this site with the portal
identity-action-sso-consent = You agreed to give data
identity-action-sso-take-back = You took your consent back
identity-action-sso-device = You connected a device
identity-action-sso-replay = A code of the sign-in was used twice: everything was revoked
identity-reason-sso = Sign-in to another site
identity-consents-title = What you agreed to with other sites
identity-consents-text = See what the sites that you signed in to with the portal may know, and take it back.
