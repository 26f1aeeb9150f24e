/**
 * Sentences in which mail systems say that a mail was not delivered, or not yet. What they say about the recipient is
 * in `../phrases`.
 */
import { anyOf } from "../phrases/pattern.ts";

/** Up to so many words of any language. */
const words = (count: number) => `(?:[^\\s.,:;]{1,20} ){0,${count}}`;

/** Sentences that nobody but a mail system writes. */
const ENGLISH = [
  "\\bundeliver(?:able|ed)\\b|\\bnon-?deliver(?:y|able|ed)\\b",
  "(?:\\bnot|n't) (?:be |been )?(?:successfully )?deliver(?:ed|able)\\b",
  "(?:could not|couldn't|cannot|can't|unable to|not able to|wasn't able to|failed to|" +
    "failure to) (?:be )?(?:successfully )?deliver",
  `\\bdeliver(?:y|ing|ed)? ${words(5)}(?:fail|error|problem|unsuccessful|aborted|incomplete|suspended|impossible)`,
  "\\bdelivery (?:status )?notification|\\bfail(?:ed|ure)? (?:to deliver|notice|delivery|permanently|recipient)",
  "\\bmail (?:system |delivery )?(?:error|failure|failed)|\\bfailed mail|\\bdelivery errors?\\b",
  "\\berror sending your mail",
  "\\breturn(?:ed|ing)? (?:mail|message|email|e-mail|to sender)|\\b(?:been|was|is being) returned\\b",
  "\\bmessage (?:was )?bounced?\\b|\\bbounced? (?:mail|message)|\\bmessage (?:was |has been )?(?:rejected|refused)\\b",
  // At the beginning: further down, it may be what a person quotes.
  "^\\s{0,20}your (?:message|mail|e-?mail) to \\S{1,320} (?:was|has been) (?:rejected|refused)\\b",
  "\\b(?:permanent|fatal) (?:fatal )?(?:errors?|failures?)\\b|\\bdid not reach\\b",
  "\\bmessage (?:was |could )?not (?:be )?sent\\b",
  "\\baddress(?:\\(es\\)|es)? failed|\\bno such (?:user|address|mailbox|recipient)|\\brejected recipient",
  "\\bnot listed in domino|\\bnot a (?:valid|known) (?:user|recipient|mailbox|account)\\b",
  "\\bunknown (?:user|recipient|address)|\\b(?:user|recipient) (?:is )?unknown|\\bhost unknown\\b|\\bunknown host\\b",
  "\\bmail ?box (?:is )?full\\b|\\bover ?quota\\b|\\bdid not receive (?:this|your|a copy)",
];
const GERMAN = [
  `nicht ${words(2)}(?:zugestellt|ausgeliefert|(?:ü|ue)bermittelt)|unzustellbar|zustellungsfehler`,
  `(?:zustellung|(?:ü|ue)bermittlung) ${words(6)}(?:fehlgeschlagen|nicht|gescheitert|fehler)`,
  `fehler bei der (?:nachrichten)?zustellung`,
  `(?:ü|ue)bermittlungsfehler|empf(?:ä|ae)nger ${words(4)}nicht erreich`,
];
const FRENCH = [
  "n['’](?:a|ont) pas pu [eê]tre (?:remis|distribu|livr|envoy|d[eé]livr|achemin)|non[- _]remis|non distribuable",
  "[eé]chec (?:de (?:la )?|d['’]|de l['’])?(?:remise|livraison|distribution|envoi)|retourn[eé]e? [aà] l['’]exp",
  "n['’]a pas [eé]t[eé] (?:remis|distribu|livr|d[eé]livr|re[cç]u par)",
  "impossible de (?:remettre|distribuer|livrer|d[eé]livrer|joindre l)",
];
const SPANISH = [
  "no (?:se )?(?:pudo|ha podido|fue posible|puede|pudieron|ha sido posible|se puede) (?:ser )?(?:entrega|enviar)",
  "no (?:se )?(?:ha |fue )?(?:sido )?entregad[oa]|(?:error|fallo|falla) (?:de|en la|en el) (?:entrega|env[ií]o)",
  "devuelto al remitente|imposible (?:de )?entregar|no lleg[oó] a (?:algunos|todos|los)",
];
const ITALIAN = [
  "(?:impossibile|non (?:è|e') (?:stato )?possibile) (?:recapitare|consegnare|inviare)",
  "mancat[oa] (?:recapito|consegna)",
  "non (?:è|e') stato (?:recapitato|consegnato)|non (?:recapitabile|consegnato)",
  "errore (?:di|nella) (?:consegna|recapito)",
  "non ha raggiunto (?:alcuni|tutti|i dest)|impossibile raggiungere i",
];
const PORTUGUESE = [
  "n[ãa]o (?:p[ôo]de|foi poss[íi]vel|foi|pode) (?:ser )?(?:entregue|entregar|enviad)|falha (?:na|de) entrega",
  "n[ãa]o entregue|erro (?:na|de) entrega|devolvida ao remetente|n[ãa]o alcan[cç]ou (?:alguns|todos|os)",
];
const DUTCH = [
  "(?:kan|kon|kunnen|is|werd) niet (?:worden )?(?:bezorgd|afgeleverd|besteld|geleverd)|onbestelbaar",
  `niet (?:kunnen )?(?:bezorgd|afgeleverd|bezorgen|afleveren)|(?:bezorging|levering) ${words(6)}mislukt`,
  "(?:ontvangers|geadresseerden) (?:zijn )?niet (?:bereikt|bereikbaar)",
];
const RUSSIAN = [
  "не (?:может быть |было |удалось |могло быть )?доставл|не удалось доставить|недоставлен|ошибка доставки",
  "невозможно доставить",
];
const NORDIC = [
  "(?:kunde|kan|kunne|har) (?:inte|ikke) (?:levereras|leveres|levererats|blitt levert|bli levert)|inte levererats",
  "olevererbar|ikke (?:levert|leveret)\\b",
];
const TURKISH = ["teslim edilemedi|iletilemedi|ula(?:ş|s)t[ıi]r[ıi]lamad[ıi]|g(?:ö|o)nderilemedi|teslim edilemeyen"];
const POLISH = ["nie mo(?:ż|z)na (?:by(?:ł|l)o )?dostarczy|nie zosta(?:ł|l)a? dostarcz|niedostarcz|nie dostarczon"];
const CZECH = ["nelze doru(?:č|c)it|nedoru(?:č|c)iteln|nebyl[ao]? doru(?:č|c)en"];
const KOREAN = ["(?:배달|전달|전송|발송)(?:하지 못|되지 (?:않|못)|할 수 없|에 실패|이 실패)"];
const JAPANESE = [
  "(?:配信|送信|配送|配達|送達|お届け)(?:が|を|は|に|すること)?(?:が)?(?:でき(?:ません|なかった)|出来ません|不能|失敗|エラー)",
  "届け(?:られ|ることができ)ません|(?:送信|配信)されませんでした|エラーメール|メールエラー|エラー通知|未達|不達",
  "届きませんでした|届かなかった|到達できませんでした",
];
const CHINESE = [
  "退信|(?:无法|無法|未能|不能)(?:被|成功)?(?:投递|投遞|送达|送達|发送|發送|传递|傳遞|送出|寄送|递送|遞送|传送|傳送)",
  "(?:投递|投遞|发送|發送|寄送|传送|递送|传递)[^。]{0,12}(?:失败|失敗|错误|錯誤)|被退回|退件|(?:没有|未|沒有)(?:到达|到達|送达|送達)",
];

/** Words of a mail system that people use, too. */
const REFUSED = [
  "\\bbounced?\\b|\\brejected\\b|\\breturned\\b|\\brefused\\b|\\bfail(?:ed|ure|ing)?\\b|\\bprocessing error",
  "(?:not|n't|unable to|cannot|fail(?:ed|s|ure)? to) (?:be )?(?:reach|sen[dt]|receive|process)",
  "\\bencountered an error|\\bdelivery (?:report|problem|status)|\\btemporary (?:error|failure)",
];

/** "550 5.1.1", or a reply code with words of a refusal. A house number is none. */
const CODED = [
  "(?<![\\w.])[45][0-5]\\d[ -]#?[45]\\.\\d{1,3}\\.\\d{1,3}(?![\\d.])|\\(#[45]\\.\\d{1,3}\\.\\d{1,3}\\)",
  "(?<![\\w.])[45][0-5]\\d[ -][^\\n]{0,80}\\b(?:unknown|reject|denied|refused|relay|spam|blocked|quota|exceed|" +
    "unavailable|" +
    "not found|no such|exist|invalid|recipient|mailbox|full|not accept|unrout|disabled|user)",
  "^(?:diagnostic-code|final-recipient)\\s?: ?\\S",
];

/** It is tried again: nothing has happened yet. */
const LATE = [
  "warning (?:message )?only|(?:do not|don't|no) need to (?:resend|send)|still being (?:re)?tried",
  "will (?:be retried|retry|continue|keep trying|try again|be tried)|\\b(?:been|is|was) delayed",
  "delivery (?:has been )?delay|delayed (?:mail|delivery)|\\(delay(?:ed)?\\)|\\bnot yet (?:been )?(?:delivered|able)",
  "attempts will continue|temporary problem|delivery incomplete|warning: (?:could not|message)|queued for later",
  "verz(?:ö|oe)gert|weitere zustellversuche|wird weiter versucht|retard de (?:remise|livraison)",
  "a [eé]t[eé] (?:retard|diff[eé]r)|entrega (?:retrasada|demorada|atrasada)|se seguir[aá] intentando",
  "consegna ritardata",
  "ulteriori tentativi|ser[aá] tentad[oa] novamente|bezorging (?:is )?vertraagd|задерж",
  "(?:配信|配送)(?:が|を)?遅延|遅れています|(?:投递|投遞|发送)?(?:延迟|延遲)|继续尝试|繼續嘗試",
];
const GIVEN_UP = [
  "permanent(?:ly)? (?:error|fail|fatal|un)|giv(?:en|ing) up|no (?:further|more) (?:delivery )?attempts",
  "will not (?:be retried|try again|retry)|\\bfailed permanently|(?<![\\w.])5\\d\\d[ -]#?5\\.\\d|action: failed",
];

const UNDELIVERED = anyOf(
  [
    ENGLISH,
    GERMAN,
    FRENCH,
    SPANISH,
    ITALIAN,
    PORTUGUESE,
    DUTCH,
    RUSSIAN,
    NORDIC,
    TURKISH,
    POLISH,
    CZECH,
    KOREAN,
    JAPANESE,
    CHINESE,
  ].flat(),
  "i",
);
const WEAK = anyOf(REFUSED, "i");
const CODE = anyOf(CODED, "im");
const DELAYED = anyOf(LATE, "i");
const FINAL = anyOf(GIVEN_UP, "i");

export const saysUndelivered = (text: string) => UNDELIVERED.test(text);
/** Words that prove a bounce only when a mail system wrote them. */
export const saysRefused = (text: string) => WEAK.test(text);
export const hasServerCode = (text: string) => CODE.test(text);
export const saysLate = (text: string) => DELAYED.test(text) && !FINAL.test(text);
