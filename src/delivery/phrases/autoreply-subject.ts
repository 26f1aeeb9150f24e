/** Subjects of autoreplies (RFC 3834 §3.1.5) in many languages. */
import { anyOf } from "./pattern.ts";

/** Subjects of autoresponders. A bounce's subject does not begin so: the newsletter's own comes after a colon. */
const AUTOREPLY_SUBJECT = anyOf(
  [
    "^(?:\\[?(?:re|aw|sv|tr)\\]?: ?)?auto(?:matic(?:ally)?|mated)?[- _:]{0,3}(?:reply|respon[sd]\\w{0,4}|answer|" +
      "antwort|generated reply)",
    "^(?:re: ?)?out[- ]of[- ](?:the[- ])?office|^ooo\\b|^away\\b",
    "^(?:on |i'm on |i am on )?(?:vacation|holidays?|leave)\\b|^absence|^i(?:'m| am) (?:away|out)",
    "^(?:aw: ?)?abwesen|^automatische (?:antwort|e-?mail)|^automatisch antwoord|^afwezig",
    "^(?:out of office|ik ben afwezig)",
    "^r[ée]ponse automatique|^absen(?:t|ce)|^(?:en )?cong[ée]s?\\b|^message d['’]absence|^notification d['’]absence",
    "^respuesta autom[áa]tica|^fuera de (?:la )?oficina|^ausencia|^risposta automatica|^fuori (?:sede|ufficio)",
    "^assenza",
    "^resposta autom[áa]tica|^fora do escrit[óo]rio|^aus[êe]ncia|^autosvar|^automatiskt? svar|^frav[æaä]r|" +
      "^poissa|^fr(?:å|a)nvaro|^ofis d[ıi][sş][ıi]",
    "^automaattinen|^automatyczna odpowied|^odpowied[źz] automatyczna|^nieobecno|^automatick[áa] odpov",
    "^otomatik (?:yan[ıi]t|cevap)",
    "^автоматический ответ|^автоответ|^вне офиса|^自動(?:応答|返信)|^不在|^休暇|^自动(?:回复|答复)|^自動(?:回覆|回復)|^外出|^休假|^자동 ?(?:응답|회신)",
  ],
  "i",
);

/** What autoresponders and mail programs put in front of the subject that they answer. */
export const isAutoreplySubject = (subject: string) => AUTOREPLY_SUBJECT.test(subject);
