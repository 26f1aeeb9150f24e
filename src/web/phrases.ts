/** Everything that a recipient reads, in each language. A language without one of the phrases does not compile. */

/** `{sender}` is the subject: so no language needs an article or a preposition before a name that we do not know. */
export type NamesSender = `${string}{sender}${string}`;

/** For a sender who has a name, and for one who has none. */
export interface OfSender {
  readonly named: NamesSender;
  readonly unnamed: string;
}

export interface Phrases {
  readonly askTitle: string;
  readonly yourAddress: string;
  /** What unsubscribing does. */
  readonly noMore: OfSender;
  readonly nothingYet: string;
  readonly unsubscribe: string;
  readonly goneTitle: string;
  readonly onItsWay: string;
  /** Before the button that undoes what has just been done. */
  readonly mistake: string;
  readonly subscribe: string;
  readonly backTitle: string;
  readonly asBefore: OfSender;
  readonly notDoneTitle: string;
  readonly notDone: string;
  readonly again: string;
  readonly badLinkTitle: string;
  readonly badLink: string;
}

export type Language = "en" | "fr" | "de" | "es" | "it" | "pt" | "nl";

export const phrases: Readonly<Record<Language, Phrases>> = {
  en: {
    askTitle: "Do you want to unsubscribe?",
    yourAddress: "Your address",
    noMore: {
      named: "{sender} will send you no more emails.",
      unnamed: "You will get no more of these emails.",
    },
    nothingYet: "Nothing changes until you press the button.",
    unsubscribe: "Unsubscribe",
    goneTitle: "You are unsubscribed",
    onItsWay: "One that is already on its way may still arrive.",
    mistake: "You did not mean to?",
    subscribe: "Subscribe again",
    backTitle: "You are subscribed again",
    asBefore: {
      named: "{sender} will send you emails as before.",
      unnamed: "You will get these emails as before.",
    },
    notDoneTitle: "That did not work",
    notDone: "Your request could not be saved just now. Please try again in a moment.",
    again: "Try again",
    badLinkTitle: "This link does not work",
    badLink:
      "It may have been cut short or changed on its way to you. Please open it once more from the email.",
  },
  fr: {
    askTitle: "Voulez-vous vous désabonner\u202f?",
    yourAddress: "Votre adresse",
    noMore: {
      named: "{sender} ne vous enverra plus d’e-mails.",
      unnamed: "Vous ne recevrez plus ces e-mails.",
    },
    nothingYet: "Rien ne change tant que vous n’appuyez pas sur le bouton.",
    unsubscribe: "Se désabonner",
    goneTitle: "Désabonnement confirmé",
    onItsWay: "Un message déjà en route peut encore vous parvenir.",
    mistake: "C’était une erreur\u202f?",
    subscribe: "Se réabonner",
    backTitle: "Réabonnement confirmé",
    asBefore: {
      named: "{sender} vous enverra des e-mails comme avant.",
      unnamed: "Vous recevrez ces e-mails comme avant.",
    },
    notDoneTitle: "Cela n’a pas fonctionné",
    notDone: "Votre demande n’a pas pu être enregistrée. Veuillez réessayer dans un instant.",
    again: "Réessayer",
    badLinkTitle: "Ce lien ne fonctionne pas",
    badLink:
      "Il a peut-être été coupé ou modifié en chemin. Veuillez l’ouvrir de nouveau à partir de l’e-mail.",
  },
  de: {
    askTitle: "Möchten Sie sich abmelden?",
    yourAddress: "Ihre Adresse",
    noMore: {
      named: "{sender} wird Ihnen keine E-Mails mehr schicken.",
      unnamed: "Sie werden diese E-Mails nicht mehr erhalten.",
    },
    nothingYet: "Es ändert sich nichts, solange Sie den Knopf nicht drücken.",
    unsubscribe: "Abmelden",
    goneTitle: "Sie sind abgemeldet",
    onItsWay: "Eine E-Mail, die schon unterwegs ist, kann noch ankommen.",
    mistake: "War das ein Versehen?",
    subscribe: "Wieder anmelden",
    backTitle: "Sie sind wieder angemeldet",
    asBefore: {
      named: "{sender} wird Ihnen E-Mails schicken wie bisher.",
      unnamed: "Sie erhalten diese E-Mails wie bisher.",
    },
    notDoneTitle: "Das hat nicht geklappt",
    notDone:
      "Ihre Anfrage konnte gerade nicht gespeichert werden. Bitte versuchen Sie es gleich noch einmal.",
    again: "Noch einmal versuchen",
    badLinkTitle: "Dieser Link funktioniert nicht",
    badLink:
      "Vielleicht wurde er unterwegs abgeschnitten oder verändert. Bitte öffnen Sie ihn noch einmal aus der E-Mail.",
  },
  es: {
    askTitle: "¿Quiere darse de baja?",
    yourAddress: "Su dirección",
    noMore: {
      named: "{sender} no le enviará más correos.",
      unnamed: "No recibirá más estos correos.",
    },
    nothingYet: "Nada cambia hasta que pulse el botón.",
    unsubscribe: "Darme de baja",
    goneTitle: "Se ha dado de baja",
    onItsWay: "Es posible que aún reciba algún correo que ya estaba en camino.",
    mistake: "¿Ha sido un error?",
    subscribe: "Volver a suscribirme",
    backTitle: "Suscripción restablecida",
    asBefore: {
      named: "{sender} le enviará correos como antes.",
      unnamed: "Recibirá estos correos como antes.",
    },
    notDoneTitle: "No ha funcionado",
    notDone: "No hemos podido guardar su solicitud. Inténtelo de nuevo dentro de un momento.",
    again: "Intentarlo de nuevo",
    badLinkTitle: "Este enlace no funciona",
    badLink: "Puede que se haya cortado o cambiado por el camino. Ábralo de nuevo desde el correo.",
  },
  it: {
    askTitle: "Vuole annullare l’iscrizione?",
    yourAddress: "Il Suo indirizzo",
    noMore: {
      named: "{sender} non Le invierà più email.",
      unnamed: "Non riceverà più queste email.",
    },
    nothingYet: "Non cambia nulla finché non preme il pulsante.",
    unsubscribe: "Annulla l’iscrizione",
    goneTitle: "Iscrizione annullata",
    onItsWay: "Un’email già in viaggio potrebbe ancora arrivare.",
    mistake: "È stato un errore?",
    subscribe: "Iscrivimi di nuovo",
    backTitle: "Iscrizione ripristinata",
    asBefore: {
      named: "{sender} Le invierà email come prima.",
      unnamed: "Riceverà queste email come prima.",
    },
    notDoneTitle: "Non ha funzionato",
    notDone: "Non è stato possibile salvare la Sua richiesta. Riprovi tra un momento.",
    again: "Riprova",
    badLinkTitle: "Questo link non funziona",
    badLink: "Forse è stato troncato o modificato lungo il percorso. Lo apra di nuovo dall’email.",
  },
  pt: {
    askTitle: "Quer deixar de receber e-mails?",
    yourAddress: "O seu endereço",
    noMore: {
      named: "{sender} não lhe enviará mais e-mails.",
      unnamed: "Não receberá mais estes e-mails.",
    },
    nothingYet: "Nada muda até clicar no botão.",
    unsubscribe: "Deixar de receber",
    goneTitle: "Inscrição cancelada",
    onItsWay: "Um e-mail que já esteja a caminho ainda pode chegar.",
    mistake: "Foi um engano?",
    subscribe: "Voltar a receber",
    backTitle: "Inscrição reativada",
    asBefore: {
      named: "{sender} voltará a enviar-lhe e-mails como antes.",
      unnamed: "Receberá estes e-mails como antes.",
    },
    notDoneTitle: "Não funcionou",
    notDone: "Não foi possível guardar o seu pedido. Tente de novo daqui a pouco.",
    again: "Tentar de novo",
    badLinkTitle: "Este link não funciona",
    badLink: "Talvez tenha sido cortado ou alterado no caminho. Abra-o de novo a partir do e-mail.",
  },
  nl: {
    askTitle: "Wilt u zich afmelden?",
    yourAddress: "Uw adres",
    noMore: {
      named: "{sender} zal u geen e-mails meer sturen.",
      unnamed: "U zult deze e-mails niet meer krijgen.",
    },
    nothingYet: "Er verandert niets zolang u niet op de knop drukt.",
    unsubscribe: "Afmelden",
    goneTitle: "U bent afgemeld",
    onItsWay: "Een e-mail die al onderweg is, kan nog aankomen.",
    mistake: "Was dit een vergissing?",
    subscribe: "Weer aanmelden",
    backTitle: "U bent weer aangemeld",
    asBefore: {
      named: "{sender} zal u e-mails sturen zoals voorheen.",
      unnamed: "U zult deze e-mails krijgen zoals voorheen.",
    },
    notDoneTitle: "Dat is niet gelukt",
    notDone: "Uw verzoek kon zojuist niet worden opgeslagen. Probeer het straks nog eens.",
    again: "Nog eens proberen",
    badLinkTitle: "Deze link werkt niet",
    badLink: "Misschien is hij onderweg afgebroken of veranderd. Open hem nog eens vanuit de e-mail.",
  },
};
