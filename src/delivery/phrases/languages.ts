/**
 * The same in other languages, as mail servers and providers write them. Diacritics may be missing: many servers send
 * ASCII. Japanese and Chinese have no spaces, so a gap there is a few characters of one sentence.
 */
import { type BounceCategory, CATEGORY } from "../outcome.ts";
import { anyOf, gap } from "./pattern.ts";

const CJK_GAP = "[^。，、,.\\s]{0,14}";

const GERMAN = [
  "(?:empf(?:ä|ae)nger\\w{0,8}|benutzer\\w{0,8}|postfach|adresse|e-?mail-?adresse|konto|nutzer|teilnehmer|" +
    "adressat|dom(?:ä|ae)ne?|domain) " +
    `${gap(4)}(?:unbekannt|existiert(?:e)? nicht|existieren nicht|nicht (?:gefunden|bekannt|vorhanden|g(?:ü|` +
    "ue)ltig|registriert)|" +
    "ung(?:ü|ue)ltig|gel(?:ö|oe)scht|nicht mehr verf(?:ü|ue)gbar)",
  "(?:unbekannter?|ung(?:ü|ue)ltiger?|unbekanntes|ung(?:ü|ue)ltiges) (?:empf|benutzer|adress|postfach|e-?mail|" +
    "konto|nutzer|teilnehmer|domain)",
  "kein(?:en)? (?:solche[nrs]? )?(?:benutzer|postfach|empf|konto|nutzer) (?:mit|unter|gefunden|vorhanden|namens)",
  "keine person mit diesem namen",
  "kein(?:en)? solche[nrs]? (?:benutzer|postfach|empf|konto|nutzer)",
  "(?:konnte|wurde) (?:im system )?nicht gefunden",
];
const FRENCH = [
  "(?:utilisateur|destinataire|adresse|bo[iî]te|compte|usager|correspondant|domaine|abonn[eé]) " +
    `${gap(4)}(?:inconnue?s?|invalides?|inexistante?s?|n'existe (?:pas|plus)|introuvable|non trouv[eé]e?|` +
    "supprim[eé]e?|ferm[eé]e?)",
  "aucun (?:utilisateur|compte|destinataire|abonn[eé])|(?:est|sont) introuvables?",
];
const SPANISH = [
  "(?:usuario|destinatario|buz[oó]n|cuenta|direcci[oó]n|dominio|casilla) " +
    `${gap(5)}(?:desconocid[oa]|no existe|inexistente|inv[aá]lid[oa]|no (?:fue |ha sido )?encontrad[oa]|` +
    "no v[aá]lid[oa]|no es v[aá]lid[oa]|" +
    "eliminad[oa]|no se (?:encuentra|encontr[oó]|ha encontrado)|no registrad[oa])",
  "no existe (?:dicha persona|ese usuario|el usuario|este usuario|la cuenta|el buz[oó]n|la direcci[oó]n|el dominio)",
  "(?:usuario|destinatario|buz[oó]n|cuenta|direcci[oó]n)\\b.{0,20}no se (?:pudo|ha podido) encontrar",
];
const ITALIAN = [
  "(?:utente|destinatario|casella|indirizzo|account|dominio) " +
    `${gap(4)}(?:sconosciut[oa]|inesistente|non (?:esiste|valid[oa]|trovat[oa]|presente|è valido|` +
    "è stat[oa] trovat[oa])|eliminat[oa])",
  "nessun (?:utente|destinatario)",
  "(?:impossibile|non è stato possibile) trovare (?:l'|il |la )?(?:utente|destinatario|indirizzo|casella)",
];
const PORTUGUESE = [
  "(?:usu[aá]rio|utilizador|destinat[aá]rio|caixa(?: postal| de correio)?|conta|endere[cç]o|dom[ií]nio) " +
    `${gap(4)}(?:desconhecid[oa]|inexistente|n[aã]o (?:existe|encontrad[oa]|foi encontrad[oa]|` +
    "p[oô]de ser encontrad[oa]|[eé] v[aá]lid[oa])|" +
    "inv[aá]lid[oa]|exclu[ií]d[oa]|removid[oa])",
];
const DUTCH = [
  "(?:gebruiker|ontvanger|geadresseerde|adres|e-mailadres|mailbox|postvak|account|domein) " +
    `${gap(4)}(?:onbekend|bestaat niet|niet gevonden|ongeldig|verwijderd|niet bekend)`,
  "(?:onbekende?|ongeldige?) (?:gebruiker|ontvanger|geadresseerde|adres|e-mailadres|postvak|domein)",
];
const RUSSIAN = [
  "(?:пользовател|получател|ящик|адрес|домен)[^.]{0,40}(?:не (?:существует|найден|зарегистрирован)|неизвест)",
  "нет такого (?:пользователя|адреса|ящика)|такого (?:пользователя|адреса|ящика) нет",
  "неизвестный (?:пользователь|получатель|адрес)",
];
const POLISH = [
  `(?:u(?:ż|z)ytkownik|adresat|odbiorca|skrzynka|konto|adres|domena) ${gap(4)}(?:nie istnieje|nieznany|nie znaleziono)`,
  "nie ma takiego (?:konta|u(?:ż|z)ytkownika|adresu)|nieznany (?:u(?:ż|z)ytkownik|adresat|odbiorca)",
];
const NORDIC = [
  "(?:anv(?:ä|a)ndare\\w{0,2}|mottagare\\w{0,2}|mottaker\\w{0,2}|modtager\\w{0,2}|bru[kg]er\\w{0,2}|adress\\w{0,3}|" +
    `kontot?|(?:e-?)?post\\w{0,9}|brevl(?:å|a)da\\w{0,2}) ${gap(3)}(?:ok(?:ä|a)nd|ukjent|ukendt|finn(?:s|` +
    `es?) (?:inte|ikke)|` +
    "findes ikke|existerar inte|eksisterer ikke|hittades inte|(?:kunde|kunne) (?:inte|ikke) (?:hittas|finnes|findes))",
  "(?:ok(?:ä|a)nd|ukjent|ukendt) (?:anv|mottag|mottak|modtag|bru[kg]er|adress)",
];
const FINNISH = [
  "(?:k(?:ä|a)ytt(?:ä|a)j(?:ä|a)\\S{0,2}|vastaanottaja\\S{0,2}|osoitetta|postilaatikkoa) " +
    "ei (?:l(?:ö|o)ydy|ole olemassa)",
  "tuntematon (?:vastaanottaja|k(?:ä|a)ytt(?:ä|a)j(?:ä|a)|osoite)",
];
const TURKISH = [
  "(?:kullan[ıi]c[ıi]|al[ıi]c[ıi]|adres|hesap|hesab[ıi]|posta kutusu)[^.:;,]{0,30}(?:bulunamad[ıi]|mevcut de[gğ]il|" +
    "bulunmuyor|ge[cç]ersiz|tan[ıi]nm[ıi]yor|\\byok\\b)",
  "(?:b(?:ö|o)yle bir|ge[cç]ersiz) (?:kullan|al[ıi]c|adres|hesap)",
];
const CZECH = [
  `(?:(?:po)?u(?:ž|z)[ií]vate[lľ]|schr[aá]nka|adresa|p(?:ř|r)[ií]jemce) ${gap(3)}` +
    `(?:neexistuje|nenalezena?|nezn[aá]m[yýá])`,
  "(?:nezn[aá]m[yý]|neexistuj[ií]c[ií]) (?:u(?:ž|z)ivatel|p(?:ř|r)[ií]jemce|adres[aá]t)",
];
const HUNGARIAN = [
  `\\b(?:felhaszn[aá]l[oó]|c[ií]mzett|postafi[oó]k|e-?mail c[ií]m) ${gap(2)}(?:nem l[eé]tezik|ismeretlen|` +
    "nem tal[aá]lhat[oó])",
  "\\bismeretlen (?:felhaszn[aá]l[oó]|c[ií]mzett)",
];
const ROMANIAN = [
  `\\b(?:utilizator(?:ul)?|destinatar(?:ul)?|adresa|contul) ${gap(3)}(?:nu (?:a fost )?(?:exist[aă]|g[aă]sit[aă]?)|` +
    "necunoscut[aă]?|inexistent[aă]?)",
];
const GREEK = [
  `(?:χρήστης|παραλήπτης|διεύθυνση|λογαριασμός) ${gap(3)}(?:δεν (?:υπάρχει|βρέθηκε)|άγνωστ)`,
  "άγνωστος (?:χρήστης|παραλήπτης)",
];
const UKRAINIAN = [
  "(?:користувач|одержувач|отримувач|скриньк|адрес)[^.]{0,30}(?:не (?:існує|знайден|зареєстрован)|невідом)",
  "немає такого (?:користувача|одержувача)|невідомий (?:користувач|одержувач|отримувач)",
];
const KOREAN = [
  "(?:사용자|수신자|계정|주소|메일함)[^.,]{0,12}(?:존재하지 ?않|찾을 ?수 ?없|없습니다|알 ?수 ?없|유효하지 ?않)",
  "존재하지 ?않는 ?(?:사용자|계정|주소|수신자)",
];
const JAPANESE = [
  `(?:ユーザー?|宛先|受信者|アドレス|メールボックス|アカウント|ドメイン|ホスト)${CJK_GAP}` +
    "(?:存在し(?:ません|ない)|存在しておりません|見つかり(?:ません|ませんでした)|見つからない|見つけられません|不明|無効|ありません|登録されていません)",
  "(?:存在しない|不明な|無効な)(?:ユーザ|宛先|受信者|アドレス|メールアドレス|ドメイン)|リストにありません",
];
const CHINESE = [
  `(?:用户|用戶|使用者|收件人|收件者|邮箱|郵箱|信箱|帐号|账号|帳號|账户|地址|域名|邮件地址)${CJK_GAP}` +
    "(?:不存在|未找到|找不到|无效|無效|不正确|未知|没有找到|未注册)",
  "(?:不存在|无效|無效|未知)的?(?:用户|用戶|收件人|收件者|邮箱|信箱|地址|帐号|账号|域名)|[查无無]此(?:用户|人|使用者|用戶|帳號|账号)",
  "(?:找不到|没有找到|無法找到|无法找到)(?:该|此|您的|這個|这个)?(?:收件人|收件者|用户|邮箱|地址|域名)",
];

export const NO_SUCH_RECIPIENT_IN_OTHER_LANGUAGES: readonly string[] = [
  ...GERMAN,
  ...FRENCH,
  ...SPANISH,
  ...ITALIAN,
  ...PORTUGUESE,
  ...DUTCH,
  ...RUSSIAN,
  ...POLISH,
  ...NORDIC,
  ...FINNISH,
  ...TURKISH,
  ...CZECH,
  ...HUNGARIAN,
  ...ROMANIAN,
  ...GREEK,
  ...UKRAINIAN,
  ...KOREAN,
  ...JAPANESE,
  ...CHINESE,
];

export const RECIPIENT_WORDS_IN_OTHER_LANGUAGES: readonly string[] = [
  "empf(?:ä|ae)nger|benutzer|postfach|nutzer|teilnehmer|adress|utilisateur|destinataire|compte|abonn[eé]|usager",
  "usuario|destinatari|buz[oó]n|casilla|direcci[oó]n|utente|casella|indirizzo|usu[aá]rio|destinat[aá]rio|endere[cç]o",
  "gebruiker|ontvanger|postvak|пользовател|получател|ящик|адрес|u(?:ż|z)ytkownik|odbiorc|skrzynk|\\badres|\\bkonto\\b",
  "mottagare|mottaker|modtager|anv(?:ä|a)ndare|\\bbru[kg]er|kullan[ıi]c[ıi]|al[ıi]c[ıi]|hesab",
  "u(?:ž|z)ivatel|schr[aá]nka",
  "ユーザ|宛先|受信者|アドレス|用户|用戶|使用者|收件|邮箱|郵箱|信箱|帐号|账号|帳號|地址|사용자|수신자|계정|주소",
];

/** Whoever a language names as the one that sends: "absender", "nadawca", "发件人", "送信元". */
const SENDER = [
  "absend|versend|einliefer|urheber|herkunft|exp[eé]dit|[eé]met(?:teur|trice)|[eé]metteur|d'envoi|d'origine",
  "\\bremit|\\bemisor|\\bde origen\\b|\\benv[ií]a|procedencia|mittente|\\bmitt\\.|provenienza|di origine|" +
    "\\bremet|\\bemissor",
  "\\borigem\\b|\\bafzend|\\bverzend|nadaw|wysy(?:ł|l)aj|avs(?:ä|a|e)nd|l(?:ä|a)hett(?:ä|a)j|g(?:ö|o)nder",
  "odes[ií]l|odosiel",
  "felad[oó]|\\bexped|αποστολ|отправ|от кого|обратн(?:ый|ого) адрес|відправ|надсил|подател|изпращ|пошиљ|испраќ",
  "po(?:š|s)ilja|\\bpengirim|\\bpenghantar|ng(?:ư|u)(?:ờ|o)i g(?:ử|u)i|ผู้ส่ง|ต้นทาง|שולח|المرسل|فرستنده|प्रेषक|প্রেরক",
  "\\bsaatja|\\bs(?:ū|u)t(?:ī|i)t(?:ā|a)j|\\bsiunt(?:ė|e)j|\\bd(?:ë|e)rgues|\\bsendand|bidaltzaile|\\banfon",
  "送信(?:者|元|側|ドメイン|アドレス|サーバ)|差出|発信|発送|送り主|返信先|リターン|エンベロープ|发件|發件|发信|發信|寄件|寄信|来信|來信|来源|來源",
  "(?:发送|發送|发出|發出)的?(?:者|方|人|域|地址|邮箱|郵箱|服务器|伺服器|ip)|보낸|보내는|발신|송신",
];
/** The reader is who sent it: "Ihre Domain existiert nicht", "您的域名不存在". */
const READER = [
  `\\b(?:ihre?[nrs]?|deine?[nrs]?|eure?[nrs]?) ${gap(1)}\\S{0,12}(?:adress|domain|dom(?:ä|ae)n|konto|postfach|` +
    `account|server|host|benutzer|ip\\b)`,
  `\\b(?:votre|vos|ton) ${gap(1)}(?:adresse|domaine|compte|bo[iî]te|serveur|utilisateur|h[oô]te|ip\\b|nom)`,
  `\\b(?:su|sus|tu|tus|vuestr[oa]) ${gap(1)}(?:direcci|dominio|cuenta|buz[oó]n|casilla|correo|servidor|` +
    `usuario|host|ip\\b)`,
  "\\b(?:su[oa]|tu[oa]|vostr[oa]) (?:indirizzo|dominio|account|casella|server|host|utente|ip\\b)",
  `\\b(?:seu|sua|teu|tua|vossa?) ${gap(1)}(?:endere|dom[ií]nio|conta|caixa|servidor|usu[aá]rio|host|ip\\b|e-?mail)`,
  `\\b(?:uw|jouw|je) ${gap(1)}(?:\\S{0,12}adres|domein|account|mailbox|postvak|server|host|ip\\b)`,
  "(?:ваш|твой|твоя|твое)[а-яё]{0,3} [^.]{0,20}(?:адрес|домен|ящик|сервер|учетн|учётн|пользовател|ip)",
  `(?:twoj[aeą]|tw(?:ó|o)j|pa(?:ń|n)stwa|pana|pani) ${gap(1)}(?:adres|domen|kont|skrzynk|serwer)`,
  `\\b(?:din|ditt|deres|jeres|eder|er|sinun) ${gap(1)}(?:adress|dom(?:ä|ae|æ)n|konto|e-?post|server)`,
  "adresiniz|hesab[ıi]n[ıi]z|alan ad[ıi]n[ıi]z|kutunuz|sunucunuz",
  `(?:va(?:š|s)e|tvoje|va(?:š|s)(?:a|u)?) ${gap(1)}(?:adres|dom[eé]n|schr[aá]nk|(?:ú|u)(?:č|c)et)`,
  "[您你](?:的)?[^，。,.]{0,4}(?:邮箱|郵箱|信箱|域名|网域|網域|地址|账号|帐号|帳號|账户|服务器|伺服器|ip)|贵(?:方|司|公司)|貴(?:方|司)",
  "(?:あなた|貴社|お客様|御社|貴方|貴殿)の?|(?:귀하|당신|고객님)의?",
];
const FULL = [
  "\\bvoll\\b|speicherplatz|kontingent|(?:ü|ue)berf(?:ü|ue)llt|pleine?\\b|satur[eé]|llen[oa]\\b|zuviele mails|" +
    "pe(?:ł|l)na\\b|\\bcuota\\b|" +
    "pien[oa]\\b|esaurit|cheia\\b|lotada|" +
    "megtel|betel|\\bcota\\b|\\bquotum\\b|\\bvol\\b|переполнен|квот|容量|満杯|いっぱい|上限|超過|已满|满了|已滿|超过|配额|超出|空间不足",
];
const POLICY = [
  "blockiert|richtlinie|abgewiesen wegen|pourriel|ind[eé]sirable|correo no deseado|pol[ií]tica|" +
    "posta indesiderata|ongewenst|" +
    "спам|迷惑メール|スパム|拒否|垃圾|黑名单|黑名單|屏蔽|拒收|拒绝|拒絕|被拒",
  "sperrliste|\\bwerbung|unerw(?:ü|ue)nscht|abgelehnt|liste noire|lista ne[gr][rg]a|lista nera|rechazad|" +
    "refus(?:é|e\\b)|rifiutat|rejeitad",
  "geweigerd|zwarte lijst|отклон|запрещ|черн(?:ый|ом) спис|ч[её]рн(?:ый|ом) спис|odrzucon|czarn[ae]j? li[sś]|" +
    "avvisa|avvist|afvist|engellen|reddedil",
  "zam[ií]tnut|odm[ií]tnut|ブロック|フィルタ|ブラックリスト|ポリシー|拦截|攔截|封禁|策略|스팸|차단|거부|정책",
];
const DISABLED = [
  "gesperrt|deaktiviert|archiv[eé]e|d[eé]sactiv|suspend|suspens|bloqu[eé]|desactivad|inhabilitad|bloquead|" +
    "inactiv|disabilitat|sospes|" +
    "disattivat|bloccat|desativad|inativ|geblokkeerd|uitgeschakeld|gedeactiveerd|opgeschort|заблокирован|" +
    "отключ[её]н|приостановлен|zablokowan|nieaktywn|zawieszon|" +
    "停止|無効化|休止|禁用|停用|冻结|凍結|锁定|鎖定",
];
const LATER = [
  "sp(?:ä|ae)ter|vor(?:ü|ue)bergehend|zeitweilig|erneut|plus tard|temporaire|r[eé]essay|m[aá]s tarde|temporal|" +
    "int[eé]ntel|pi(?:ù|u') tardi|" +
    "riprov|temporane|mais tarde|tempor[aá]ri|tente novamente|\\blater\\b|tijdelijk|opnieuw|позже|временн|一時的|後で|" +
    "後ほど|再度|暂时|暫時|稍后|稍後|频率|頻率",
  "reintent|vuelva a intentar|nochmals?|wiederhol|r[eé]it[eé]r|nouvelle tentative|ritenta|novamente|nogmaals|probeer",
  "повтор|попытк|попроб|spr(?:ó|o)buj|pon(?:ó|o)w|p(?:ó|o)(?:ź|z)niej|tymczasow|chwilow|f(?:ö|o)rs(?:ö|" +
    "o)k igen|pr(?:ø|o)v igjen|senare|senere",
  "tillf(?:ä|a)llig|midlertidig|tekrar|daha sonra|ge(?:ç|c)ici|pozd(?:ě|e)ji|znovu|do(?:č|c)asn|my(?:ö|o)hemmin",
  "再送|しばらく|もう一度|再試行|やり直|のちほど|重试|重試|重新|再试|再試|过后|请等|다시|잠시|나중에|재시도|일시적",
];
const SERVICE = ["d[eé]sabonn|servidor no (?:est[aá]|disponible)|service refus"];

/** What contradicts it, in other languages, with what it means instead. */
export const CONTRADICTIONS_IN_OTHER_LANGUAGES: readonly (readonly [BounceCategory, RegExp])[] = [
  [CATEGORY.blocked, anyOf([...SENDER, ...READER, ...POLICY])],
  [CATEGORY.temporary, anyOf([...FULL, ...LATER, ...DISABLED])],
  [CATEGORY.technical, anyOf(SERVICE)],
];
