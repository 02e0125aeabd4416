### Har bir sahifada uchraydigan so‘zlar.

## Portal

common-portal = Peshtoq
common-portal-what = Davlat xizmatlari portali
common-skip = Asosiy mazmunga o‘tish
common-refresh = Sahifani yangilash
common-home = Bosh sahifa
common-demo-word = Namuna ma’lumot
common-demo-text = Bu — sinov portali. Shaxslar, arizalar va hujjatlar o‘ylab topilgan, yuridik kuchga ega emas.
common-demo-link = Sinov foydalanuvchilari
common-language = Til:
common-sign-in = Kirish
common-sign-out = Chiqish
common-register = Ro‘yxatdan o‘tish
common-cabinet = Kabinet
common-staff = Ish joyi
common-unread = o‘qilmagan xabar
common-nav = Asosiy bo‘limlar
common-nav-services = Barcha xizmatlar
common-nav-verify = Hujjatni tekshirish

## Qidiruv

common-search = Qidirish
common-search-label = Xizmatlarni qidirish
common-search-placeholder = Masalan: tug‘ilganlik guvohnomasi
common-search-results = topildi
common-search-none = Hech narsa topilmadi

## Kabinet va ish joyi

common-cabinet-home = Umumiy ko‘rinish
common-cabinet-cases = Arizalarim
common-cabinet-documents = Hujjatlarim
common-cabinet-invoices = To‘lovlar
common-cabinet-messages = Xabarlar
common-cabinet-profile = Ma’lumotlarim
common-cabinet-access = Ma’lumotlarimni kim ko‘rgan
common-cabinet-security = Xavfsizlik
common-staff-queue = Arizalar navbati
common-staff-unit = Bo‘linma yuklamasi
common-staff-searches = Topilmagan qidiruvlar
common-staff-catalogue = Xizmatlar ta’rifi

## Sahifa osti

common-footer-about = Davlat xizmatlarini bir joyda, navbatsiz va qog‘ozsiz olish uchun ochiq kodli portal.
common-footer-nav = Foydali havolalar
common-footer-staff = Xodimlar uchun
common-footer-api = Dasturchilar uchun API
common-footer-gallery = Ko‘rinish qismlari
common-footer-open = Peshtoq — ochiq kodli dastur. Xizmatlarning nomi, to‘lovi va muddati ochiq manbalardan olingan.

## Ko‘rinish sozlamalari

common-prefs-link = Ko‘rinish
common-prefs-title = Ko‘rinish sozlamalari
common-prefs-lead = Tanlovingiz faqat shu qurilmada saqlanadi.
common-prefs-saved = Sozlamalar saqlandi
common-prefs-theme = Ranglar
common-prefs-theme-auto = Qurilmadagi kabi
common-prefs-theme-light = Yorug‘
common-prefs-theme-dark = Qorong‘i
common-prefs-theme-contrast = Yuqori kontrast
common-prefs-text = Matn o‘lchami
common-prefs-text-normal = Oddiy
common-prefs-text-large = Katta
common-prefs-text-largest = Juda katta

## Amallar

common-continue = Davom etish
common-back = Orqaga
common-save = Saqlash
common-save-exit = Saqlab chiqish
common-cancel = Bekor qilish
common-change = O‘zgartirish
common-delete = O‘chirish
common-close = Yopish
common-open = Ochish
common-send = Yuborish
common-submit = Topshirish
common-confirm = Tasdiqlash
common-download = Yuklab olish
common-print = Chop etish
common-copy = Nusxa olish
common-copied = Nusxa olindi
common-show = Ko‘rsatish
common-show-all = Barchasini ko‘rsatish
common-apply-filter = Saralash
common-clear-filter = Saralashni tozalash
common-more = Batafsil
common-details = Tafsilotlar
common-yes = Ha
common-no = Yo‘q
common-not-known = Ma’lumot yo‘q
common-optional = (ixtiyoriy)
common-free = Bepul
common-saving = Saqlanmoqda…
common-saved = Saqlandi
common-not-saved = Saqlanmadi: internet aloqasini tekshiring. Yozganlaringiz shu sahifada turibdi.
common-drop-here = Faylni shu yerga tashlang yoki tanlang
common-chars-left = belgi qoldi

## Yo‘l ko‘rsatish

common-breadcrumbs = Joylashuvingiz
common-pagination = Ro‘yxat sahifalari
common-previous = Oldingi
common-next = Keyingi
common-steps = Ariza bosqichlari
common-step-done = (bajarildi)
common-step-of = { $total } bosqichdan { $step }-bosqich

## Sana va vaqt

common-date-day = Kun
common-date-month = Oy
common-date-year = Yil
common-date-hint = Masalan: 27 3 1990
common-today = bugun
common-tomorrow = ertaga
common-yesterday = kecha
common-minutes = { $n } daqiqa
common-hours = { $n } soat
common-workdays = { $n } ish kuni
common-days = { $n } kun
common-months = { $n } oy
common-days-left = { $n } kun qoldi
common-days-late = { $n } kun kechikdi
common-due = { $date } gacha

## Xabarlar

common-warning = Diqqat:
common-error-prefix = Xato:
common-error-summary = Quyidagilarni to‘g‘rilang
common-error-required = Bu maydonni to‘ldiring
common-error-retry = Qayta urinish
common-error-home = Bosh sahifaga
common-error-reference = Yordam xizmatiga murojaat qilsangiz, shu kodni ayting: { $code } · { $reference }

## Xato sahifalari

common-error-bad-request-title = So‘rovni tushunib bo‘lmadi
common-error-bad-request-text = Havola yoki yuborilgan ma’lumot buzilgan. Orqaga qaytib, qaytadan urinib ko‘ring.
common-error-sign-in-title = Avval tizimga kiring
common-error-sign-in-text = Bu sahifani ko‘rish uchun shaxsingizni tasdiqlash kerak.
common-error-forbidden-title = Bu amalga ruxsat yo‘q
common-error-forbidden-text = Sizning huquqlaringiz bu sahifa yoki amal uchun yetarli emas.
common-error-not-found-title = Sahifa topilmadi
common-error-not-found-text = Manzil noto‘g‘ri yozilgan yoki sahifa ko‘chirilgan bo‘lishi mumkin. Kerakli xizmatni qidiruv orqali toping.
common-error-method-title = Bunday amal yo‘q
common-error-method-text = Bu manzilga bunday so‘rov yuborib bo‘lmaydi. Sahifani qaytadan oching.
common-error-conflict-title = Ma’lumot siz ochganingizdan keyin o‘zgargan
common-error-conflict-text = Hech narsa yo‘qolmadi. Sahifani qaytadan ochib, yangi holatni ko‘ring va amalni takrorlang.
common-error-gone-title = Muddati o‘tgan
common-error-gone-text = Bu sahifa yoki havola endi amal qilmaydi.
common-error-too-large-title = Yuborilgan ma’lumot juda katta
common-error-too-large-text = Fayl hajmini kichraytiring yoki matnni qisqartiring va qaytadan yuboring.
common-error-unsupported-title = Bu turdagi ma’lumot qabul qilinmaydi
common-error-unsupported-text = Ruxsat etilgan turdagi faylni tanlang va qaytadan yuboring.
common-error-invalid-title = Ma’lumotda xato bor
common-error-invalid-text = Orqaga qaytib, belgilangan joylarni to‘g‘rilang. Kiritganlaringiz saqlangan.
common-error-too-many-title = Juda ko‘p urinish
common-error-too-many-text = Xavfsizlik uchun biroz kuting va qaytadan urining.
common-error-busy-title = Hozir yuklama katta
common-error-busy-text = So‘rovingiz qabul qilinmadi. Bir necha soniyadan keyin qayta urining.
common-error-timeout-title = Javob kutilganidan uzoq cho‘zildi
common-error-timeout-text = Aloqani tekshiring va qaytadan urining. Qabul qilingan arizalar yo‘qolmaydi.
common-error-internal-title = Portalda nosozlik yuz berdi
common-error-internal-text = Biz bu haqda xabar topdik. Saqlangan ma’lumotlaringiz joyida; birozdan keyin qayta urining.
common-error-csrf-text = Sahifa eskirgan yoki so‘rov boshqa saytdan kelgan. Sahifani qaytadan oching va amalni takrorlang.
common-error-encoding-text = Yuborilgan matnni o‘qib bo‘lmadi: belgilari buzilgan.
common-error-idempotency-text = Shu kalit bilan boshqa mazmundagi so‘rov allaqachon bajarilgan.
common-error-json-text = JSON ni o‘qib bo‘lmadi yoki unda noma’lum maydon bor.
common-cabinet-mandates = Vakolatlar
common-acting-as = Hozir harakat qilyapsiz:
common-acting-back = O‘z nomimdan
common-acting-change = Boshqasini tanlash
common-staff-people = Xodimlar
common-footer-foreign = Chet el fuqarolariga
common-staff-clients = Ulangan saytlar

common-staff-refunds = To‘lovlarni qaytarish
