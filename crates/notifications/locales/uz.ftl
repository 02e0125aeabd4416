# Inbox
notifications-title = Xabarlar
notifications-new = yangi
notifications-open = Batafsil
notifications-read-all = Hammasini o‘qilgan deb belgilash
notifications-empty-title = Xabarlar yo‘q
notifications-empty-text = Arizangiz, to‘lovingiz yoki hujjatingiz bo‘yicha biror narsa bo‘lsa, shu yerga yozamiz.
notifications-find-service = Xizmat topish
notifications-card-none = Yangi xabar yo‘q
notifications-card-unread = { $count } ta yangi xabar
notifications-card-all = Barcha xabarlar

# Demo phone
notifications-phone-title = Namoyish telefoni
notifications-phone-text = Namoyishda SMS va xatlar hech kimga yuborilmaydi – hammasi shu yerda ko‘rinadi. Sahifa o‘zi yangilanadi.
notifications-phone-to = Telefon raqami yoki pochta manzili
notifications-phone-to-hint = Bo‘sh qoldirsangiz, hammaniki ko‘rinadi
notifications-phone-show = Ko‘rsatish
notifications-phone-list = SMS va xatlar
notifications-phone-sms = SMS
notifications-phone-email = xat
notifications-phone-empty-title = Hozircha hech narsa kelmadi
notifications-phone-empty-text = Kod so‘rang yoki ariza bering: SMS shu yerda paydo bo‘ladi.

# One-time codes
notice-code-register = Peshtoq: ro‘yxatdan o‘tish kodi { $code }. Uni hech kimga aytmang.
notice-code-sign-in = Peshtoq: kirish kodi { $code }. Uni hech kimga aytmang.
notice-code-change-phone = Peshtoq: telefon raqamini almashtirish kodi { $code }. Uni hech kimga aytmang.

# Notices
notice-case-submitted-title = Ariza qabul qilindi
notice-case-submitted-body = “{ $service }” arizangiz qabul qilindi. Raqami: { $number }. Javob muddati: { $due }.
notice-case-submitted-sms = Peshtoq: { $number } raqamli ariza qabul qilindi. Muddat: { $due }.
notice-case-progress-title = Ariza holati o‘zgardi
notice-case-progress-body = “{ $service }” arizangiz ({ $number }): { $state }.
notice-case-progress-sms = Peshtoq: { $number } raqamli arizaning holati o‘zgardi.
notice-case-returned-title = Arizani tuzatish kerak
notice-case-returned-body = “{ $service }” arizangiz ({ $number }) tuzatish uchun qaytarildi. Sababi: { $reason }. Tuzatguningizcha muddat to‘xtab turadi.
notice-case-returned-sms = Peshtoq: { $number } raqamli ariza tuzatish uchun qaytarildi. Kabinetga kiring.
notice-case-approved-title = Ariza ma’qullandi
notice-case-approved-body = “{ $service }” arizangiz ({ $number }) ma’qullandi.
notice-case-approved-sms = Peshtoq: { $number } raqamli ariza ma’qullandi.
notice-case-refused-title = Ariza rad etildi
notice-case-refused-body = “{ $service }” arizangiz ({ $number }) rad etildi. Sababi: { $reason }. Qarorga kabinetda shikoyat qilish mumkin.
notice-case-refused-sms = Peshtoq: { $number } raqamli ariza rad etildi. Sababi kabinetda.
notice-case-withdrawn-title = Ariza qaytarib olindi
notice-case-withdrawn-body = “{ $service }” arizangiz ({ $number }) so‘rovingiz bo‘yicha to‘xtatildi.
notice-case-withdrawn-sms = Peshtoq: { $number } raqamli ariza qaytarib olindi.
notice-case-expired-title = Ariza bekor bo‘ldi
notice-case-expired-body = “{ $service }” arizangiz ({ $number }) to‘lov o‘z vaqtida qilinmagani uchun bekor bo‘ldi. Qaytadan ariza berish mumkin.
notice-case-expired-sms = Peshtoq: { $number } raqamli ariza to‘lanmagani uchun bekor bo‘ldi.
notice-payment-due-title = To‘lov kutilmoqda
notice-payment-due-body = “{ $service }” ({ $number }) uchun to‘lov: { $amount }. To‘lash muddati: { $due }.
notice-payment-due-sms = Peshtoq: { $number } uchun { $amount } to‘lang, muddat { $due }.
notice-payment-received-title = To‘lov qabul qilindi
notice-payment-received-body = “{ $service }” ({ $number }) uchun { $amount } qabul qilindi.
notice-payment-received-sms = Peshtoq: { $number } uchun { $amount } qabul qilindi.
notice-payment-refund-due-title = To‘lovingiz qaytariladi
notice-payment-refund-due-body = “{ $service }” ({ $number }) uchun to‘langan { $amount } qaytariladi. Pul to‘lov qilingan karta yoki hisobga tushadi.
notice-payment-refund-due-sms = Peshtoq: { $number } uchun to‘langan { $amount } qaytariladi.
notice-payment-refunded-title = To‘lov qaytarildi
notice-payment-refunded-body = “{ $service }” ({ $number }) uchun to‘langan { $amount } qaytarildi.
notice-payment-refunded-sms = Peshtoq: { $number } uchun { $amount } qaytarildi.
notice-document-issued-title = Hujjat tayyor
notice-document-issued-body = “{ $document }” hujjatingiz tayyor, raqami { $number }. Uni kabinetdan yuklab olish mumkin.
notice-document-issued-sms = Peshtoq: hujjat tayyor, raqami { $number }. Kabinetdan yuklab oling.
notice-document-revoked-title = Hujjat bekor qilindi
notice-document-revoked-body = “{ $document }” hujjati ({ $number }) bekor qilindi. Sababi: { $reason }.
notice-document-revoked-sms = Peshtoq: { $number } raqamli hujjat bekor qilindi.
notice-appeal-decided-title = Shikoyat ko‘rib chiqildi
notice-appeal-decided-body =
    “{ $service }” ({ $number }) bo‘yicha shikoyatingiz { $granted ->
        [true] qanoatlantirildi: ariza qaytadan ko‘rib chiqiladi
       *[other] ko‘rib chiqildi, qaror o‘zgarmadi
    }. Izoh: { $comment }.
notice-appeal-decided-sms = Peshtoq: { $number } bo‘yicha shikoyat ko‘rib chiqildi.
notice-welcome-title = Xush kelibsiz
notice-welcome-body = Kabinetingiz ochildi. Endi xizmatlarga ariza berish, to‘lash va hujjatlarni shu yerdan olish mumkin.
notice-welcome-sms = Peshtoq: kabinetingiz ochildi.
notice-sign-in-new-device-title = Yangi qurilmadan kirildi
notice-sign-in-new-device-body = Kabinetingizga yangi qurilmadan kirildi: { $device }, tarmoq manzili { $place }, vaqti: { $at }. Bu siz bo‘lmasangiz, uni chiqaring va parolni almashtiring.
notice-sign-in-new-device-sms = Peshtoq: kabinetingizga yangi qurilmadan kirildi ({ $device }).
notice-password-changed-title = Parol almashtirildi
notice-password-changed-body = Kabinetingiz paroli almashtirildi va boshqa qurilmalar chiqarildi. Bu siz bo‘lmasangiz, darhol SMS-kod bilan kirib, parolni almashtiring.
notice-password-changed-sms = Peshtoq: kabinetingiz paroli almashtirildi. Bu siz bo‘lmasangiz, darhol kabinetga kiring.
notice-other-title = Kabinetingizda yangilik bor
notice-other-body = Kabinetingizda yangilik bor. Batafsil – quyidagi havolada.
notice-other-sms = Peshtoq: kabinetingizda yangilik bor.
notice-case-reminder-title = Arizada navbat sizda
notice-case-reminder-body = “{ $service }” arizangizda ({ $number }) navbat sizda. { $due } gacha javob bering, aks holda ariza yopiladi.
notice-case-reminder-sms = Peshtoq: { $number } raqamli arizada navbat sizda. Kabinetga kiring.
notice-case-late-title = Ariza muddati o‘tdi
notice-case-late-body = “{ $service }” arizangizga ({ $number }) belgilangan muddatda javob berilmadi. Bu haqda mas’ul bo‘linma rahbariga xabar berildi.
notice-case-late-sms = Peshtoq: { $number } raqamli ariza muddati o‘tdi, rahbarga xabar berildi.

# Locks of the account
notice-code-change-email = Peshtoq: elektron pochtani tasdiqlash kodi – { $code }. Uni hech kimga aytmang.
notice-locks-asked-title = Kabinetni ochish usulini o‘zgartirish so‘raldi
notice-locks-asked-body = Kimdir kabinetingizni ochish usulini o‘zgartirishni so‘radi. O‘zgarish { $at } da kuchga kiradi. Bu siz bo‘lmasangiz, havolani oching va kabinetni muzlating: { $url }
notice-locks-asked-sms = Peshtoq: kabinetni ochish usuli o‘zgaradi. Bu siz emasmi? { $url }
notice-locks-changed-title = Kabinetni ochish usuli o‘zgardi
notice-locks-changed-body = Kabinetingizni ochish usuli o‘zgartirildi. Bu siz bo‘lmasangiz, havolani oching va kabinetni muzlating: { $url }
notice-locks-changed-sms = Peshtoq: kabinetni ochish usuli o‘zgardi. Bu siz emasmi? { $url }
notice-account-frozen-title = Kabinet muzlatildi
notice-account-frozen-body = «Bu men emasman» tugmasi bosildi: kabinet muzlatildi va hamma qurilmalardan chiqildi. Uni tiklash uchun ikki usul kerak yoki xizmatlar markaziga boring.
notice-account-frozen-sms = Peshtoq: kabinetingiz muzlatildi. Uni saytda yoki xizmatlar markazida tiklang.
notice-account-recovered-title = Kabinet tiklandi
notice-account-recovered-body = Kabinetga yangi parol qo‘yildi va hamma qurilmalardan chiqildi. Bu siz bo‘lmasangiz, havolani oching va kabinetni muzlating: { $url }
notice-account-recovered-sms = Peshtoq: kabinetga yangi parol qo‘yildi. Bu siz emasmi? { $url }
notice-mandate-offered-title = { $giver } sizga vakolat berdi
notice-mandate-offered-body = { $giver } sizga { $number } raqamli vakolat berdi. Uni o‘qib chiqing va qabul qiling yoki rad eting.
notice-mandate-offered-sms = Peshtoq: { $giver } sizga vakolat berdi. Kabinetga kiring.
notice-mandate-changed-title = Vakolat { $number }: { $what }
notice-mandate-changed-body = { $number } raqamli vakolat ({ $giver } – { $holder }): { $what }.
notice-mandate-changed-sms = Peshtoq: { $number } raqamli vakolat: { $what }.
