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
    "ung(?:ü|ue)ltig|gel(?:ö|oe)scht)",
  "(?:unbekannter?|ung(?:ü|ue)ltiger?|unbekanntes|ung(?:ü|ue)ltiges) (?:empf|benutzer|adress|postfach|e-?mail|" +
    "konto|nutzer|teilnehmer|domain)",
  "kein(?:en)? (?:solche[nrs]? )?(?:benutzer|postfach|empf|konto|nutzer) (?:mit|unter|gefunden|vorhanden|namens)",
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
  "нет такого (?:пользователя|адреса|ящика)|неизвестный (?:пользователь|получатель|адрес)",
];
const POLISH = [
  `(?:u(?:ż|z)ytkownik|adresat|odbiorca|skrzynka|konto|adres|domena) ${gap(4)}(?:nie istnieje|nieznany|nie znaleziono)`,
  "nie ma takiego (?:konta|u(?:ż|z)ytkownika|adresu)|nieznany (?:u(?:ż|z)ytkownik|adresat|odbiorca)",
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
  ...JAPANESE,
  ...CHINESE,
];

const SENDER = [
  "absender|exp[eé]diteur|[eé]metteur|remitente|mittente|remetente|\\bafzender|отправител|送信者|差出人|送信元|发件人|发信人|寄件人|寄件者",
];
const FULL = [
  "\\bvoll\\b|speicherplatz|kontingent|(?:ü|ue)berf(?:ü|ue)llt|pleine?\\b|satur[eé]|llen[oa]\\b|zuviele mails|" +
    "pe(?:ł|l)na\\b|\\bcuota\\b|" +
    "pien[oa]\\b|esaurit|cheia\\b|lotada|" +
    "\\bcota\\b|\\bquotum\\b|\\bvol\\b|переполнен|квот|容量|満杯|いっぱい|上限|超過|已满|满了|已滿|超过|配额|超出|空间不足",
];
const POLICY = [
  "blockiert|richtlinie|abgewiesen wegen|pourriel|ind[eé]sirable|correo no deseado|pol[ií]tica|" +
    "posta indesiderata|ongewenst|" +
    "спам|迷惑メール|スパム|拒否|垃圾|黑名单|黑名單|屏蔽|拒收|拒绝|拒絕|被拒",
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
];
const SERVICE = ["d[eé]sabonn|servidor no (?:est[aá]|disponible)|service refus"];

/** What contradicts it, in other languages, with what it means instead. */
export const CONTRADICTIONS_IN_OTHER_LANGUAGES: readonly (readonly [BounceCategory, RegExp])[] = [
  [CATEGORY.blocked, anyOf([...SENDER, ...POLICY])],
  [CATEGORY.temporary, anyOf([...FULL, ...LATER, ...DISABLED])],
  [CATEGORY.technical, anyOf(SERVICE)],
];
