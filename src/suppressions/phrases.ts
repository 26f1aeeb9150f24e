/** The phrases of the unsubscribe page in each language. A language that lacks one does not compile. */
import type { Language } from "../web/language.ts";

/** `{sender}` is the subject, so that no language needs an article or a preposition before an unknown name. */
export type SenderTemplate = `${string}{sender}${string}`;

/** A phrase about the sender, with and without SENDER_NAME. */
export interface SenderPhrase {
  readonly named: SenderTemplate;
  readonly unnamed: string;
}

export interface Phrases {
  readonly unsubscribeTitle: string;
  readonly yourAddress: string;
  readonly noMoreEmails: SenderPhrase;
  readonly nothingChangesYet: string;
  readonly unsubscribe: string;
  readonly unsubscribedTitle: string;
  readonly mayStillArrive: string;
  /** Before the button that undoes the last step. */
  readonly wasMistake: string;
  readonly subscribe: string;
  readonly subscribedTitle: string;
  readonly emailsAsBefore: SenderPhrase;
  readonly failedTitle: string;
  readonly failed: string;
  readonly tryAgain: string;
}

export const phrases: Readonly<Record<Language, Phrases>> = {
  en: {
    unsubscribeTitle: "Do you want to unsubscribe?",
    yourAddress: "Your address",
    noMoreEmails: {
      named: "{sender} will not send you any more emails.",
      unnamed: "You will not get these emails any more.",
    },
    nothingChangesYet: "Nothing changes until you press the button.",
    unsubscribe: "Unsubscribe",
    unsubscribedTitle: "You are unsubscribed",
    mayStillArrive: "An email that is already on its way may still arrive.",
    wasMistake: "Was this a mistake?",
    subscribe: "Subscribe again",
    subscribedTitle: "You are subscribed again",
    emailsAsBefore: {
      named: "{sender} will send you emails as before.",
      unnamed: "You will get these emails as before.",
    },
    failedTitle: "That did not work",
    failed: "Your request could not be saved just now. Please try again in a moment.",
    tryAgain: "Try again",
  },
  fr: {
    unsubscribeTitle: "Voulez-vous vous désabonner\u202f?",
    yourAddress: "Votre adresse",
    noMoreEmails: {
      named: "{sender} ne vous enverra plus d’e-mails.",
      unnamed: "Vous ne recevrez plus ces e-mails.",
    },
    nothingChangesYet: "Rien ne change tant que vous n’appuyez pas sur le bouton.",
    unsubscribe: "Se désabonner",
    unsubscribedTitle: "Désabonnement confirmé",
    mayStillArrive: "Un message déjà en route peut encore vous parvenir.",
    wasMistake: "C’était une erreur\u202f?",
    subscribe: "Se réabonner",
    subscribedTitle: "Réabonnement confirmé",
    emailsAsBefore: {
      named: "{sender} vous enverra des e-mails comme avant.",
      unnamed: "Vous recevrez ces e-mails comme avant.",
    },
    failedTitle: "Cela n’a pas fonctionné",
    failed: "Votre demande n’a pas pu être enregistrée. Veuillez réessayer dans un instant.",
    tryAgain: "Réessayer",
  },
  de: {
    unsubscribeTitle: "Möchten Sie sich abmelden?",
    yourAddress: "Ihre Adresse",
    noMoreEmails: {
      named: "{sender} wird Ihnen keine E-Mails mehr schicken.",
      unnamed: "Sie werden diese E-Mails nicht mehr erhalten.",
    },
    nothingChangesYet: "Es ändert sich nichts, solange Sie den Knopf nicht drücken.",
    unsubscribe: "Abmelden",
    unsubscribedTitle: "Sie sind abgemeldet",
    mayStillArrive: "Eine E-Mail, die schon unterwegs ist, kann noch ankommen.",
    wasMistake: "War das ein Versehen?",
    subscribe: "Wieder anmelden",
    subscribedTitle: "Sie sind wieder angemeldet",
    emailsAsBefore: {
      named: "{sender} wird Ihnen E-Mails schicken wie bisher.",
      unnamed: "Sie erhalten diese E-Mails wie bisher.",
    },
    failedTitle: "Das hat nicht geklappt",
    failed: "Ihre Anfrage konnte gerade nicht gespeichert werden. Bitte versuchen Sie es gleich noch einmal.",
    tryAgain: "Noch einmal versuchen",
  },
  es: {
    unsubscribeTitle: "¿Quiere darse de baja?",
    yourAddress: "Su dirección",
    noMoreEmails: {
      named: "{sender} no le enviará más correos.",
      unnamed: "No recibirá más estos correos.",
    },
    nothingChangesYet: "Nada cambia hasta que pulse el botón.",
    unsubscribe: "Darme de baja",
    unsubscribedTitle: "Se ha dado de baja",
    mayStillArrive: "Es posible que aún reciba algún correo que ya estaba en camino.",
    wasMistake: "¿Ha sido un error?",
    subscribe: "Volver a suscribirme",
    subscribedTitle: "Suscripción restablecida",
    emailsAsBefore: {
      named: "{sender} le enviará correos como antes.",
      unnamed: "Recibirá estos correos como antes.",
    },
    failedTitle: "No ha funcionado",
    failed: "No hemos podido guardar su solicitud. Inténtelo de nuevo dentro de un momento.",
    tryAgain: "Intentarlo de nuevo",
  },
  it: {
    unsubscribeTitle: "Vuole annullare l’iscrizione?",
    yourAddress: "Il Suo indirizzo",
    noMoreEmails: {
      named: "{sender} non Le invierà più email.",
      unnamed: "Non riceverà più queste email.",
    },
    nothingChangesYet: "Non cambia nulla finché non preme il pulsante.",
    unsubscribe: "Annulla l’iscrizione",
    unsubscribedTitle: "Iscrizione annullata",
    mayStillArrive: "Un’email già in viaggio potrebbe ancora arrivare.",
    wasMistake: "È stato un errore?",
    subscribe: "Iscrivimi di nuovo",
    subscribedTitle: "Iscrizione ripristinata",
    emailsAsBefore: {
      named: "{sender} Le invierà email come prima.",
      unnamed: "Riceverà queste email come prima.",
    },
    failedTitle: "Non ha funzionato",
    failed: "Non è stato possibile salvare la Sua richiesta. Riprovi tra un momento.",
    tryAgain: "Riprova",
  },
  pt: {
    unsubscribeTitle: "Quer deixar de receber e-mails?",
    yourAddress: "O seu endereço",
    noMoreEmails: {
      named: "{sender} não lhe enviará mais e-mails.",
      unnamed: "Não receberá mais estes e-mails.",
    },
    nothingChangesYet: "Nada muda até clicar no botão.",
    unsubscribe: "Deixar de receber",
    unsubscribedTitle: "Inscrição cancelada",
    mayStillArrive: "Um e-mail que já esteja a caminho ainda pode chegar.",
    wasMistake: "Foi um engano?",
    subscribe: "Voltar a receber",
    subscribedTitle: "Inscrição reativada",
    emailsAsBefore: {
      named: "{sender} voltará a enviar-lhe e-mails como antes.",
      unnamed: "Receberá estes e-mails como antes.",
    },
    failedTitle: "Não funcionou",
    failed: "Não foi possível guardar o seu pedido. Tente de novo daqui a pouco.",
    tryAgain: "Tentar de novo",
  },
  nl: {
    unsubscribeTitle: "Wilt u zich afmelden?",
    yourAddress: "Uw adres",
    noMoreEmails: {
      named: "{sender} zal u geen e-mails meer sturen.",
      unnamed: "U zult deze e-mails niet meer krijgen.",
    },
    nothingChangesYet: "Er verandert niets zolang u niet op de knop drukt.",
    unsubscribe: "Afmelden",
    unsubscribedTitle: "U bent afgemeld",
    mayStillArrive: "Een e-mail die al onderweg is, kan nog aankomen.",
    wasMistake: "Was dit een vergissing?",
    subscribe: "Weer aanmelden",
    subscribedTitle: "U bent weer aangemeld",
    emailsAsBefore: {
      named: "{sender} zal u e-mails sturen zoals voorheen.",
      unnamed: "U zult deze e-mails krijgen zoals voorheen.",
    },
    failedTitle: "Dat is niet gelukt",
    failed: "Uw verzoek kon zojuist niet worden opgeslagen. Probeer het straks nog eens.",
    tryAgain: "Nog eens proberen",
  },
};
