/** What pages of a link that does not work say in each language. A language that lacks a phrase does not compile. */
import type { Language } from "./language.ts";

interface LinkPhrases {
  readonly badLinkTitle: string;
  readonly badLink: string;
  /** Under `badLinkTitle`, while the Worker is not set up. */
  readonly notReady: string;
}

export const linkPhrases: Readonly<Record<Language, LinkPhrases>> = {
  en: {
    badLinkTitle: "This link does not work",
    badLink: "It may have been cut short or changed on its way to you. Please open it again from the email.",
    notReady: "It will work once its sender has finished setting up. Please try again later.",
  },
  fr: {
    badLinkTitle: "Ce lien ne fonctionne pas",
    badLink: "Il a peut-être été coupé ou modifié en chemin. Veuillez l’ouvrir de nouveau à partir de l’e-mail.",
    notReady: "Il fonctionnera dès que l’expéditeur aura terminé sa mise en place. Veuillez réessayer plus tard.",
  },
  de: {
    badLinkTitle: "Dieser Link funktioniert nicht",
    badLink:
      "Vielleicht wurde er unterwegs abgeschnitten oder verändert. Bitte öffnen Sie ihn noch einmal aus der E-Mail.",
    notReady: "Er funktioniert, sobald der Absender alles eingerichtet hat. Bitte versuchen Sie es später noch einmal.",
  },
  es: {
    badLinkTitle: "Este enlace no funciona",
    badLink: "Puede que se haya cortado o cambiado por el camino. Ábralo de nuevo desde el correo.",
    notReady: "Funcionará en cuanto el remitente termine de configurarlo. Inténtelo de nuevo más tarde.",
  },
  it: {
    badLinkTitle: "Questo link non funziona",
    badLink: "Forse è stato troncato o modificato lungo il percorso. Lo apra di nuovo dall’email.",
    notReady: "Funzionerà non appena il mittente avrà completato la configurazione. Riprovi più tardi.",
  },
  pt: {
    badLinkTitle: "Este link não funciona",
    badLink: "Talvez tenha sido cortado ou alterado no caminho. Abra-o de novo a partir do e-mail.",
    notReady: "Funcionará assim que o remetente concluir a configuração. Tente novamente mais tarde.",
  },
  nl: {
    badLinkTitle: "Deze link werkt niet",
    badLink: "Misschien is hij onderweg afgebroken of veranderd. Open hem nog eens vanuit de e-mail.",
    notReady: "Hij werkt zodra de afzender alles heeft ingesteld. Probeer het later nog eens.",
  },
};
