# Inbox
notifications-title = Xabarlar
notifications-new = jańa
notifications-open = Tolıǵıraq
notifications-read-all = Hámmesin oqılǵan dep belgilew
notifications-empty-title = Xabarlar joq
notifications-empty-text = Arzańız, tólemińiz yamasa hújjetińiz boyınsha bir nárse bolsa, usı jerge jazamız.
notifications-find-service = Xızmet tabıw
notifications-card-none = Jańa xabar joq
notifications-card-unread = { $count } jańa xabar
notifications-card-all = Barlıq xabarlar

# Demo phone
notifications-phone-title = Kórsetiw telefonı
notifications-phone-text = Kórsetiwde SMS hám xatlar hesh kimge jiberilmeydi – bári usı jerde kórinedi. Bet ózi jańalanadı.
notifications-phone-to = Telefon nomeri yamasa pochta mánzili
notifications-phone-to-hint = Bos qaldırsańız, hámmeniki kórinedi
notifications-phone-show = Kórsetiw
notifications-phone-list = SMS hám xatlar
notifications-phone-sms = SMS
notifications-phone-email = xat
notifications-phone-empty-title = Házirshe hesh nárse kelmedi
notifications-phone-empty-text = Kod sorań yamasa arza beriń: SMS usı jerde payda boladı.

# One-time codes
notice-code-register = Peshtoq: dizimnen ótiw kodı { $code }. Onı hesh kimge aytpań.
notice-code-sign-in = Peshtoq: kiriw kodı { $code }. Onı hesh kimge aytpań.
notice-code-change-phone = Peshtoq: telefon nomerin almastırıw kodı { $code }. Onı hesh kimge aytpań.

# Notices
notice-case-submitted-title = Arza qabıl etildi
notice-case-submitted-body = “{ $service }” arzańız qabıl etildi. Nomeri: { $number }. Juwap múddeti: { $due }.
notice-case-submitted-sms = Peshtoq: { $number } nomerli arza qabıl etildi. Múddet: { $due }.
notice-case-progress-title = Arza jaǵdayı ózgerdi
notice-case-progress-body = “{ $service }” arzańız ({ $number }): { $state }.
notice-case-progress-sms = Peshtoq: { $number } nomerli arzanıń jaǵdayı ózgerdi.
notice-case-returned-title = Arzanı dúzetiw kerek
notice-case-returned-body = “{ $service }” arzańız ({ $number }) dúzetiw ushın qaytarıldı. Sebebi: { $reason }. Dúzetkenshe múddet toqtap turadı.
notice-case-returned-sms = Peshtoq: { $number } nomerli arza dúzetiw ushın qaytarıldı. Kabinetke kiriń.
notice-case-approved-title = Arza maqullandı
notice-case-approved-body = “{ $service }” arzańız ({ $number }) maqullandı.
notice-case-approved-sms = Peshtoq: { $number } nomerli arza maqullandı.
notice-case-refused-title = Arza biykar etildi
notice-case-refused-body = “{ $service }” arzańız ({ $number }) biykar etildi. Sebebi: { $reason }. Qararǵa kabinette shaǵım etiw múmkin.
notice-case-refused-sms = Peshtoq: { $number } nomerli arza biykar etildi. Sebebi kabinette.
notice-case-withdrawn-title = Arza qaytarıp alındı
notice-case-withdrawn-body = “{ $service }” arzańız ({ $number }) sorawıńız boyınsha toqtatıldı.
notice-case-withdrawn-sms = Peshtoq: { $number } nomerli arza qaytarıp alındı.
notice-case-expired-title = Arza biykar boldı
notice-case-expired-body = “{ $service }” arzańız ({ $number }) tólem óz waqtında etilmegeni ushın biykar boldı. Qaytadan arza beriw múmkin.
notice-case-expired-sms = Peshtoq: { $number } nomerli arza tólenbegeni ushın biykar boldı.
notice-payment-due-title = Tólem kútilmekte
notice-payment-due-body = “{ $service }” ({ $number }) ushın tólem: { $amount }. Tólew múddeti: { $due }.
notice-payment-due-sms = Peshtoq: { $number } ushın { $amount } tóleń, múddet { $due }.
notice-payment-received-title = Tólem qabıl etildi
notice-payment-received-body = “{ $service }” ({ $number }) ushın { $amount } qabıl etildi.
notice-payment-received-sms = Peshtoq: { $number } ushın { $amount } qabıl etildi.
notice-payment-refund-due-title = Tólemińiz qaytarıladı
notice-payment-refund-due-body = “{ $service }” ({ $number }) ushın tólengen { $amount } qaytarıladı. Qarjı tólem qılınǵan karta yamasa esapqa túsedi.
notice-payment-refund-due-sms = Peshtoq: { $number } ushın tólengen { $amount } qaytarıladı.
notice-payment-refunded-title = Tólem qaytarıldı
notice-payment-refunded-body = “{ $service }” ({ $number }) ushın tólengen { $amount } qaytarıldı.
notice-payment-refunded-sms = Peshtoq: { $number } ushın { $amount } qaytarıldı.
notice-document-issued-title = Hújjet tayar
notice-document-issued-body = “{ $document }” hújjetińiz tayar, nomeri { $number }. Onı kabinetten júklep alıw múmkin.
notice-document-issued-sms = Peshtoq: hújjet tayar, nomeri { $number }. Kabinetten júklep alıń.
notice-document-revoked-title = Hújjet biykar etildi
notice-document-revoked-body = “{ $document }” hújjeti ({ $number }) biykar etildi. Sebebi: { $reason }.
notice-document-revoked-sms = Peshtoq: { $number } nomerli hújjet biykar etildi.
notice-appeal-decided-title = Shaǵım kórip shıǵıldı
notice-appeal-decided-body =
    “{ $service }” ({ $number }) boyınsha shaǵımıńız { $granted ->
        [true] qanaatlandırıldı: arza qaytadan kórip shıǵıladı
       *[other] kórip shıǵıldı, qarar ózgermedi
    }. Túsindirme: { $comment }.
notice-appeal-decided-sms = Peshtoq: { $number } boyınsha shaǵım kórip shıǵıldı.
notice-welcome-title = Xosh keldińiz
notice-welcome-body = Kabinetińiz ashıldı. Endi xızmetlerge arza beriw, tólew hám hújjetlerdi usı jerden alıw múmkin.
notice-welcome-sms = Peshtoq: kabinetińiz ashıldı.
notice-sign-in-new-device-title = Jańa qurılmadan kirildi
notice-sign-in-new-device-body = Kabinetińizge jańa qurılmadan kirildi: { $device }, tarmaq mánzili { $place }, waqtı: { $at }. Bul siz bolmasańız, onı shıǵarıń hám paroldi almastırıń.
notice-sign-in-new-device-sms = Peshtoq: kabinetińizge jańa qurılmadan kirildi ({ $device }).
notice-password-changed-title = Parol almastırıldı
notice-password-changed-body = Kabinetińiz paroli almastırıldı hám basqa qurılmalar shıǵarıldı. Bul siz bolmasańız, dárhal SMS-kod penen kirip, paroldi almastırıń.
notice-password-changed-sms = Peshtoq: kabinetińiz paroli almastırıldı. Bul siz bolmasańız, dárhal kabinetke kiriń.
notice-other-title = Kabinetińizde jańalıq bar
notice-other-body = Kabinetińizde jańalıq bar. Tolıǵıraq – tómendegi siltemede.
notice-other-sms = Peshtoq: kabinetińizde jańalıq bar.
notice-case-reminder-title = Arzada náwbet sizde
notice-case-reminder-body = “{ $service }” arzańızda ({ $number }) náwbet sizde. { $due } shekem juwap beriń, bolmasa arza jabıladı.
notice-case-reminder-sms = Peshtoq: { $number } nomerli arzada náwbet sizde. Kabinetke kiriń.
notice-case-late-title = Arza múddeti ótti
notice-case-late-body = “{ $service }” arzańızǵa ({ $number }) belgilengen múddette juwap berilmedi. Bul haqqında juwapker bólim baslıǵına xabar berildi.
notice-case-late-sms = Peshtoq: { $number } nomerli arza múddeti ótti, baslıqqa xabar berildi.

# Locks of the account
notice-code-change-email = Peshtoq: elektron pochtanı tastıyıqlaw kodı – { $code }. Onı hesh kimge aytpań.
notice-locks-asked-title = Kabinetti ashıw usılın ózgertiw soraldı
notice-locks-asked-body = Kimdur kabinetińizdi ashıw usılın ózgertiwdi soradı. Ózgeris { $at } kúshke kiredi. Bul siz bolmasańız, siltemeni ashıń hám kabinetti muzlatıń: { $url }
notice-locks-asked-sms = Peshtoq: kabinetti ashıw usılı ózgeredi. Bul siz emes pe? { $url }
notice-locks-changed-title = Kabinetti ashıw usılı ózgerdi
notice-locks-changed-body = Kabinetińizdi ashıw usılı ózgertildi. Bul siz bolmasańız, siltemeni ashıń hám kabinetti muzlatıń: { $url }
notice-locks-changed-sms = Peshtoq: kabinetti ashıw usılı ózgerdi. Bul siz emes pe? { $url }
notice-account-frozen-title = Kabinet muzlatıldı
notice-account-frozen-body = «Bul men emespen» túymesi basıldı: kabinet muzlatıldı hám barlıq qurılmalardan shıǵıldı. Onı tiklew ushın eki usıl kerek yamasa xızmetler orayına barıń.
notice-account-frozen-sms = Peshtoq: kabinetińiz muzlatıldı. Onı saytta yamasa xızmetler orayında tikleń.
notice-account-recovered-title = Kabinet tiklendi
notice-account-recovered-body = Kabinetke jańa parol qoyıldı hám barlıq qurılmalardan shıǵıldı. Bul siz bolmasańız, siltemeni ashıń hám kabinetti muzlatıń: { $url }
notice-account-recovered-sms = Peshtoq: kabinetke jańa parol qoyıldı. Bul siz emes pe? { $url }
notice-mandate-offered-title = { $giver } sizge wákillik berdi
notice-mandate-offered-body = { $giver } sizge { $number } nomerli wákillik berdi. Onı oqıp shıǵıń hám qabıl etiń yamasa biykar etiń.
notice-mandate-offered-sms = Peshtoq: { $giver } sizge wákillik berdi. Kabinetke kiriń.
notice-mandate-changed-title = Wákillik { $number }: { $what }
notice-mandate-changed-body = { $number } nomerli wákillik ({ $giver } – { $holder }): { $what }.
notice-mandate-changed-sms = Peshtoq: { $number } nomerli wákillik: { $what }.
