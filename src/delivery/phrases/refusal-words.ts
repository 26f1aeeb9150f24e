/**
 * The words of which mail servers make "user unknown". A sentence with any other word may be about the sender ("the
 * address you claim to be does not exist"), and words for senders have no end; so this lists what is allowed. It
 * holds no possessive of the reader and no role of the sender.
 */
import { wordsIn } from "./clauses.ts";

const ENGLISH =
  // Who or what was mailed.
  "account accounts address addresses addressee addressees alias aliases box company customer database destination " +
  "destinations directory domain domains drop email emails e-mail emailaddress employee exchanger exchangers host " +
  "hosts hostname id ids inbox intended ldap list local local-part location mail mailbox mailboxes mail-box " +
  "mailuser member name named names organization organisation part person place rcpt receiver receivers recipient " +
  "recipient's recipients record records school server site student subscriber system systems table target user " +
  "users user's userid username virtual " +
  // That there is none.
  "bad changed closed configured cancelled canceled defined delete deleted empty exist existed existent existing " +
  "exists existance existence find found gone identified identify illegal incorrect invalid known left listed " +
  "locate located longer malformed misspelled mistyped moved no nobody none nonexistent non-existent nonexistant " +
  "non-existant non-existing non-working non null match matched matches matching present recognised recognized " +
  "recognize registered removed replaced resolve resolved retired typo typos unavailable undeliverable unknown " +
  "unknow unkown unknwon unrecognised unrecognized unregistered unresolvable unroutable unrouteable valid works " +
  "working worked employed wrong " +
  // The same as programs write it, in one word.
  "cuda nsu dnsfailure enotfound getaddrinfo invalid-recipient nosuchuser nullmx nxdomain recipnotfound " +
  "recipientnotfound userunknown validrcptto " +
  // What a server does, and tells of it.
  "aborted accept accepted accepts action advertises attempt attempts automatically bounced code command correct " +
  "deliver delivered delivery details diagnostic dns double-check error errors fail failed failure fatal follow " +
  "following follows forwarded forwarding forwards generated giving indicated indicates look lookup lookups marked " +
  "message mx occurred permanent permanently point reason reasons receive reject rejected rejecting requested " +
  "returned said says service smtp srv states syntax taken technical try trying up update " +
  // Words between.
  "a able about additional after all also although an and any anymore anyone are as at available be because been " +
  "being but by can can't cannot could couldn't couldnt currently did didn't do does doesn't doesnt don't dont " +
  "dosn't either final for further has hasn't have haven't he hello here here's however i i'm in information " +
  "instead is isn't it it's its just more my neither nor not number of old on one ones or our please properly " +
  "query refer relevant remote remove she simply so sorry spelled spelling such sure than that that's the their " +
  "them then there there's these they this those to unable under unfortunately updated us use was wasn't we we're " +
  "were weren't when where which while will with within";

/** Words of all other languages: one that means a sender in another language would be no word here. */
const OTHER_LANGUAGES =
  // German.
  "e-mail-konto organisation am an auf bei bitte das dem den der des die diese diesem diesen dieser dieses " +
  "dort ein eine einen es gibt hier im in " +
  "ist kein keine keinen leider mehr mit nicht nie oder sie system server und unter von vorhanden war wurde wurden " +
  "konnte kann werden zu zum zur adressat adressaten adresse e-mail-adresse emailadresse e-mailadresse mailadresse " +
  "benutzer benutzers benutzername empfänger empfaenger empfängers empfängeradresse empfaengeradresse " +
  "empfängeradressen konto nutzer postfach teilnehmer bekannt existieren existiert existierte falsch gefunden " +
  "gelöscht geloescht gültig gueltig registriert unbekannt unbekannte unbekannter unbekanntes ungültig ungueltig " +
  "namen verfügbar verfuegbar ungültige ungueltige ungültiger ungueltiger ungültiges solche solcher solchen " +
  "solches namens " +
  // French.
  "a adresse adresses abonné abonne aucun aucune au aux boîte boite lettres ce cet cette chez compte correspondant d " +
  "dans de des destinataire destinataires du électronique electronique email e-mail en est sont et été ete fermé " +
  "fermée ferme inconnu inconnue inconnus inconnues inexistant inexistante introuvable introuvables invalide " +
  "invalides l la le les mail messagerie moins n'existe n'est ne nom non ou par pas plus existe postale pour " +
  "supprimé " +
  "supprimée sur trouvé trouvée un une usager utilisateur utilisateurs trouve l'organisation référencée " +
  "ci-dessus veuillez vérifier l'orthographe l'adresse l'utilisateur d'un d'au " +
  // Spanish.
  "al buzón buzon buzones casilla con cuenta correo de del desconocida desconocido destinatario destinatarios dicha " +
  "dirección direccion direcciones el electrónico electronico eliminada eliminado en encontrada encontrado encontró " +
  "encontrar encuentra es esa ese esta este está fue ha sido la las lo los inexistente inválida inválido invalida " +
  "invalido no o para persona por que registrada registrado se un una usuario usuarios válida válido valida valido y " +
  "ya existe existen pudo podido " +
  // Italian.
  "al casella casella di del della dell della posta destinatario elettronica eliminata eliminato errato esiste " +
  "esistente il i in indirizzo questo questa inesistente l'indirizzo l'utente nessun nessuno non o per più piu " +
  "presente sconosciuta sconosciuto simile stata stato trovata trovato trovare un una utente utenti valida valido è " +
  "e' quest'indirizzo impossibile possibile la " +
  // Portuguese.
  "ao caixa conta correio da das desconhecida desconhecido destinatário destinatario do dos e-mail endereço endereco " +
  "eletrônico eletronico electrónico em encontrada encontrado encontrar excluída excluído excluida excluido existe " +
  "foi inexistente inválido inválida não nao o os postal pôde pode ser removida removido um uma usuário usuario " +
  "usuários utilizador válido válida é este esta esse essa mais " +
  // Dutch.
  "aan adres bestaat bekend de deze dit e-mailadres emailadres een geadresseerde gebruiker gevonden het is mailbox " +
  "niet onbekend onbekende ongeldig ongeldige ontvanger op postvak van het verwijderd meer met ook kan worden " +
  // Russian.
  "адрес адреса адресат адресата в больше данный данного не нет существует существуют найден найдена найдено найти " +
  "неизвестен неизвестный неизвестного неверный зарегистрирован на по получатель получателя получателю пользователь " +
  "пользователя почтовый почтового почты с системе сервере такой такого такому указанный указанного удален удалён " +
  "электронной электронный этот этого ящик ящика или и " +
  // Polish.
  "adres adresat adresata adresu brak jest istnieje konta konto konta lub ma na nie nieznany nieznana nieznane " +
  "nieprawidłowy nieprawidlowy odbiorca odbiorcy o podany podana pocztowa pocztowej skrzynka skrzynki takiego taki " +
  "takiej tym ten ta to serwerze użytkownik uzytkownik użytkownika uzytkownika w znaleziono już z e-mail " +
  // Swedish, Norwegian, Danish, Finnish.
  "adress adressen är ar er mottagaradress mottagaradressen användare användaren anvandare anvandaren brevlåda " +
  "brevlådan den denna det detta ej en ett existerar " +
  "finnes finns fins finnes findes hittades hittas inte ikke kan kontot kunde kunne mottagare mottagaren mottagarens " +
  "och okänd okända okand som hos på pa mottaker mottakeren mottakers modtager modtageren modtagers bruker brukeren " +
  "ukjent ukendt bruger brugeren e-postadress e-postadressen e-postadresse postkasse postkassen postlåda ble blev " +
  "funnet fundet ei ole löydy loydy löytynyt olemassa käyttäjää käyttäjä vastaanottaja vastaanottajaa osoite " +
  "osoitetta postilaatikkoa tuntematon på i " +
  // Turkish.
  "adres adresi alıcı alici alıcının alicinin böyle boyle bir bu bulunamadı bulunamadi bulunmuyor bulunmamaktadır " +
  "değil degil e-posta eposta geçersiz gecersiz hesabı hesap hesabi kullanıcı kullanici kullanıcısı kutusu mevcut " +
  "posta tanınmıyor yok yoktur ve veya sistemde " +
  // Czech, Slovak, Hungarian, Romanian, Greek.
  "adresa adresát adresát neexistuje neexistující uživatel uzivatel uživatele nenalezen nenalezena neznámý neznamy " +
  "neznámá schránka schranka příjemce prijemce na tomto serveru se používateľ pouzivatel príjemca ismeretlen címzett " +
  "cimzett felhasználó felhasznalo nem létezik letezik található cím utilizator utilizatorul nu există exista " +
  "destinatarul necunoscut inexistentă fost găsit gasit găsită contul postafiók postafiok λογαριασμός користувач " +
  "користувача одержувач одержувача отримувач отримувача скринька скриньку поштова поштову адреса адресу існує не " +
  "знайдено знайдений зареєстрований невідомий невідома немає такого цей ця άγνωστη ο η το χρήστης " +
  "παραλήπτης διεύθυνση δεν υπάρχει βρέθηκε άγνωστος";

/** Words of Japanese, Chinese and Korean, which part words by no spaces, or not always. */
const WITHOUT_SPACES =
  "メールアドレス メールボックス メール アドレス ユーザー ユーザ 名 アカウント 宛先 宛て 宛 受信者 受取人 該当する 該当の 該当 指定された 指定の 指定 この その お ご " +
  "存在しておりません 存在しませんでした 存在しません 存在しない 見つかりませんでした 見つかりません 見つからない 見つけられません 見当たりません 不明 無効 ありません ございません " +
  "登録されていません 登録されておりません で が は の も を に へ と か 又は または ため です でした な いる サーバー サーバ リスト ディレクトリ 理由 次の 以下の 下記の 配信できませんでした " +
  "用户 用戶 使用者 收件人 收件者 收信人 接收人 邮箱 郵箱 信箱 帐号 账号 帳號 账户 帳戶 地址 电子邮件 電子郵件 邮件 郵件 不存在 未找到 找不到 无效 無效 不正确 不正確 未知 " +
  "没有找到 沒有找到 未注册 未註冊 查无此 查無此 无此 無此 此 该 該 这个 這個 人 的 或者 或 是 在 无法找到 無法找到 抱歉 您的邮件 您的郵件 被退回来了 被退回 无法发送到 無法發送到 无法发送 " +
  "退信原因 原因 无法送达 無法送達 存在 已 被 删除 刪除 注销 没有 沒有 " +
  "사용자 수신자 받는 사람 수신인 메일함 메일 이메일 계정 주소 없는 없습니다 존재하지 않습니다 않는 않음 않은 찾을 수 알 를 을 가 이 은 는 의 또는 해당 유효하지 잘못된 입니다 등록되지";

const WORDS: ReadonlySet<string> = new Set(`${ENGLISH} ${OTHER_LANGUAGES}`.split(" "));
const ENGLISH_WORDS: ReadonlySet<string> = new Set(ENGLISH.split(" "));
const IS_CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]/u;
/** Longer ones first: none may end inside of another. */
const CJK_WORDS = new RegExp(
  WITHOUT_SPACES.split(" ")
    .toSorted((one, other) => other.length - one.length)
    .join("|"),
  "gu",
);

export const isRefusalWord = (word: string) =>
  WORDS.has(word) ||
  /^(?:resolver\.adr|smtpsend\.dns)\./.test(word) ||
  (IS_CJK.test(word) && word.replace(CJK_WORDS, "") === "");

/** What may have a mailbox's name behind it: "user marie does not exist". */
const NAMED = new Set("local-part user mailbox account alias mailuser customer person named name part".split(" "));
const MAX_WORDS_OF_NAME = 2;
/** Words that begin what somebody did, and words for somebody who does something, are no names. */
const NO_NAME =
  /(?:er|or|ing|ed|'s|ator)$|^(?:who|whose|you|your|from|sent|behind|made|with|via|through|source|return)$/;
const isName = (word: string) => /^[a-z][\w.+-]*$/.test(word) && !NO_NAME.test(word);

/** Whether a clause has no other words, but for the name of a mailbox. */
export function hasOnlyRefusalWords(clause: string): boolean {
  const words = wordsIn(clause);
  return words.every((word, index) => isRefusalWord(word) || isNameOfMailbox(words, index));
}

function isNameOfMailbox(words: readonly string[], index: number): boolean {
  const before = words.slice(0, index).findLastIndex(isRefusalWord);
  const name = words.slice(before + 1, index + 1);
  return NAMED.has(words[before] ?? "") && name.length <= MAX_WORDS_OF_NAME && name.every(isName) && isEnglish(words);
}

/** As far as the words are known: "mailbox disattivata" names no mailbox. */
const isEnglish = (words: readonly string[]) =>
  words.every((word) => ENGLISH_WORDS.has(word) || (/^[a-z]/.test(word) && !WORDS.has(word)));
