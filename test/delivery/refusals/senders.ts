/** Refusals about whoever sent, or for now, in words that lists of such words do not end with: never category 2. */

/** The sender, by the reader's possession or by a role. */
const ABOUT_SENDERS: readonly string[] = [
  "Adres nadawcy nie istnieje|El dominio del emisor no existe|Ihre Domain existiert nicht|Votre domaine n'existe pas",
  "Ваш адрес не существует|发送方域名不存在|您的域名不存在|発信元のドメインが存在しません|Adresiniz bulunamadı",
  "Die Rücksendeadresse existiert nicht|Rückadresse unbekannt|Adresse des Versenders ungültig|Uw adres bestaat niet",
  "Die Adresse, von der Sie senden, existiert nicht|L'adresse utilisée pour l'envoi n'existe pas|Retouradres onbekend",
  "Adresse de retour invalide|La casilla de donde proviene no existe|Dirección de respuesta inválida",
  "Tu cuenta no existe",
  "L'indirizzo da cui scrivi non esiste|account inviante sconosciuto|Il tuo dominio non esiste|Sua conta não existe",
  "O usuário que enviou não existe|Endereço de retorno inválido|Обратный адрес не существует",
  "Адрес возврата не существует",
  "Adres zwrotny nie istnieje|Twój adres nie istnieje|Din adress finns inte|Returadressen är okänd",
  "Vaše adresa neexistuje",
  "Gönderen adresi mevcut değil|Zpáteční adresa neznámá|回信地址无效|发送邮件的账号不存在|贵公司域名不存在|送り主のアドレスが無効です",
  "配信元のアドレスが存在しません|メールを送ったアドレスが存在しません|返信用アドレスが無効です|회신 주소가 존재하지 않습니다|귀하의 주소가 존재하지 않습니다",
  "The address you are sending from does not exist|Sending address unknown|Submitter mailbox does not exist",
  "Reply-To: invalid address|The mailbox you are mailing from does not exist|Issuer address not found",
  "Claimed address does not exist|Origin mail account does not exist|poster is not a valid user",
  "Vendor mailbox not found",
  "user who sent this is not a valid user|The account associated with this message does not exist",
  "invalid recipient count",
  "The mailbox behind this submission does not exist|Responsible domain does not exist|Campaign address does not exist",
  "The domain you write from does not exist|Publisher's mailbox does not exist|Login user unknown",
  "Contact address unknown",
  "Your e-mail account no longer exists|Your email address was removed|invalid address in MAIL command",
  "account you used no longer exists|You do not have an account here",
  "This recipient does not exist in our list of allowed correspondents|mail server address not found in DNS",
];

/** Who is asked to send again has met no unknown user. */
const FOR_NOW: readonly string[] = [
  "用户不存在，请重试|用户不存在，请稍候再发|受信者が見つかりません。しばらくしてから再送してください|ユーザー不明、後日お送りください",
  "Usuario no existe, reintente en unos minutos|usuario no existe, pruebe de nuevo mañana",
  "destinataire inconnu, retentez demain",
  "Benutzer unbekannt. Versuchen Sie es in einer Stunde wieder|пользователь не найден, повторите попытку",
  "użytkownik nieznany, spróbuj ponownie|utente sconosciuto, riprovare fra un'ora|användaren finns inte, försök senare",
  "Kullanıcı bulunamadı, tekrar deneyin|사용자가 없습니다. 다시 시도하십시오|gebruiker onbekend, probeer het straks nog eens",
];

/** The recipient's will, or nothing of a recipient, beside a code of an unknown one. */
const WRONG_CODES: readonly string[] = [
  "Message refused|recipient opted out of marketing|recipient has withdrawn consent|Denied|Not today|delivery refused",
  "no newsletters to this address|go away|<marie@example.com>: go away|The user does not want your offers",
  "Nachricht abgelehnt",
  "邮件被拒绝|message from you not wanted by user|Sorry, we do not know you|Sending address unknown|您的域名不存在",
  "Ihre Domain existiert nicht|Adres nadawcy nie istnieje|Submitter mailbox does not exist|用户不存在，请重试",
];

/** About the sender, a full mailbox, or a later attempt, in languages of which few words are known. */
const UNREADABLE: readonly string[] = [
  "Pošiljatelj nije ovlašten|Posiljatelj nije ovlasten da salje|Vaša adresa nije dopuštena|pretinac je trenutno pun",
  "Poruka je odbijena zbog sadržaja|Alamat pengirim tidak valid|Kotak surat sudah penuh|Silakan coba lagi nanti",
  "Địa chỉ người gửi không tồn tại|hop thu da day roi|ที่อยู่ผู้ส่งไม่ถูกต้อง|กล่องจดหมายเต็ม|כתובת השולח אינה קיימת",
  "תיבת הדואר מלאה|عنوان المرسل غير موجود|صندوق البريد ممتلئ|نشانی فرستنده نامعتبر است|Saatja aadress ei eksisteeri",
  "Sūtītāja adrese nav derīga|Pastkastite sobrid ir pilna|Siuntėjo adresas neegzistuoja|Pasto dezute siuo metu pilna",
  "Expeditorul nu este acceptat|Casuta postala este plina|Пощенската кутия е пълна|Подателят е блокиран",
  "Адреса відправника не існує|Поштова скринька переповнена|A postafiók sajnos megtelt|προσπαθήστε αργότερα",
  "Netfang sendanda er ekki til|Adresa e derguesit nuk ekziston|प्रेषक का पता मान्य नहीं है",
  "postontzia beteta dago orain",
];

const each = (lists: readonly string[]) => lists.flatMap((list) => list.split("|"));

export const NEVER_BY_WORDS: readonly string[] = [...each(ABOUT_SENDERS), ...each(FOR_NOW)];
/** What a server may say in front of its own language's words, "…". */
const FRAMES: readonly string[] = [
  "…|<marie@example.com>: …|recipient <marie@example.com>: …|Recipient address rejected: …|address: …",
  "invalid address …|…: recipient|Adresse: …|unknown - …|user unknown: …|domain not found …",
];

export const NEVER_BY_CODE: readonly string[] = each(WRONG_CODES);
export const UNREADABLE_BESIDE_CODE = each(UNREADABLE).map((words) => ({
  words,
  said: each(FRAMES).map((frame) => frame.replace("…", words)),
}));

/** Names and English behind what is said leave a code its meaning. */
export const INVALID_BY_CODE: readonly string[] = each([
  "User Unknwon (state 14).|sid=i01K1n00l0kn1Em01 Address rejected marie@example.com. [code=28]|User unknown - psmtp",
  "Address rejected marie@example.com (in reply to RCPT TO command)",
]);

/** What servers say of recipients, in as many languages. */
export const OF_RECIPIENTS: readonly string[] = each([
  "Benutzer unbekannt|Empfängeradresse existiert nicht|Postfach nicht gefunden|Dieser Empfänger ist nicht bekannt",
  "L'adresse du destinataire est inconnue|Cette boîte aux lettres n'existe pas|Aucun utilisateur de ce nom",
  "Compte inexistant",
  "El buzón del destinatario no existe|La cuenta de correo no existe|La casella non esiste|L'utente è sconosciuto",
  "A caixa postal não existe|Conta de e-mail inexistente|Dit e-mailadres bestaat niet|Deze gebruiker is onbekend",
  "Такого пользователя не существует|Такого пользователя нет",
  "Почтовый ящик получателя не найден|Skrzynka nie istnieje|Taki adres nie istnieje",
  "Användaren finns inte|Okänd mottagare|Brukeren finnes ikke|Ukendt modtager|Kullanıcı bulunamadı",
  "Böyle bir kullanıcı yok",
  "Uživatel neexistuje|Neznámý příjemce|收件人地址不存在|该邮箱不存在|無此使用者|指定されたユーザーは存在しません|宛先のアドレスが見つかりません",
  "사용자를 찾을 수 없습니다|존재하지 않는 계정입니다|A felhasználó nem létezik|Ismeretlen címzett|Utilizatorul nu există",
  "Destinatarul nu există|Ο χρήστης δεν υπάρχει|Άγνωστος χρήστης|Користувача не знайдено|Немає такого користувача",
  "Používateľ neexistuje",
]);
