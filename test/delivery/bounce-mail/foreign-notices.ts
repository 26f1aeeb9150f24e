/** Notices of mail servers in other languages than English. */
import { RETURNED, type ServerNotice } from "./notices.ts";

export const FOREIGN_NOTICES: Readonly<Record<string, ServerNotice>> = {
  German: {
    from: "Mailzustellsystem <mailer-daemon@example.de>",
    subject: "Unzustellbar: Neues aus dem Laden",
    text: `Ihre Nachricht konnte folgenden Empfängern nicht zugestellt werden:

marie@example.de
Der Empfänger existiert nicht.

----- Ursprüngliche Nachricht -----
${RETURNED}`,
    says: [["marie@example.de", 2]],
  },
  "German, full": {
    subject: "Zustellung fehlgeschlagen",
    text: `Die Zustellung an <marie@example.de> ist fehlgeschlagen.
Das Postfach des Empfängers ist voll.`,
    says: [["marie@example.de", 3]],
  },
  "German, of Outlook": {
    from: "Systemadministrator <postmaster@example.de>",
    subject: "Unzustellbar: Neues",
    text: `Ihre Nachricht hat einige oder alle Empfänger nicht erreicht.

      Betreff:	Neues
      Gesendet:	02.11.2026 10:00

Folgende(r) Empfänger kann nicht erreicht werden:

      'marie@example.de' am 02.11.2026 10:01
            Das E-Mail-Konto ist in der Organisation nicht vorhanden, an die die E-Mail gesendet wurde.`,
    says: [["marie@example.de", 2]],
  },
  "French, of Outlook": {
    from: "Administrateur système <postmaster@example.fr>",
    subject: "Non remis : Nouvelles",
    text: `Votre message n'a pas été reçu par certains ou tous les destinataires.

Impossible de joindre le(s) destinataire(s) suivant(s) :

      'marie@example.fr' le 02/11/2026 10:01
            Le compte de messagerie n'existe pas dans l'organisation à laquelle ce message a été envoyé.`,
    says: [["marie@example.fr", 2]],
  },
  French: {
    from: "Système de messagerie <postmaster@example.fr>",
    subject: "Non remis : Nouvelles",
    text: `Votre message n'a pas pu être remis aux destinataires suivants :

marie@example.fr
550 5.1.1 Destinataire inconnu

En-têtes de message d'origine :
${RETURNED}`,
    says: [["marie@example.fr", 2]],
  },
  Spanish: {
    subject: "No se puede entregar: Noticias",
    text: `Su mensaje no se pudo entregar a los siguientes destinatarios:

marie@example.es
El usuario no existe

Encabezados de mensajes originales:
${RETURNED}`,
    says: [["marie@example.es", 2]],
  },
  Italian: {
    subject: "Mancato recapito: Novità",
    text: `Impossibile recapitare il messaggio ai seguenti destinatari:

marie@example.it
Utente sconosciuto`,
    says: [["marie@example.it", 2]],
  },
  Portuguese: {
    subject: "Não entregue: Notícias",
    text: `A sua mensagem não pôde ser entregue aos seguintes destinatários:

marie@example.pt
Caixa postal cheia: cota excedida`,
    says: [["marie@example.pt", 3]],
  },
  Dutch: {
    subject: "Onbestelbaar: Nieuws",
    text: `Uw bericht kan niet worden bezorgd bij de volgende geadresseerden:

marie@example.nl
Het e-mailadres bestaat niet

Oorspronkelijke berichtkoppen:
${RETURNED}`,
    says: [["marie@example.nl", 2]],
  },
  Japanese: {
    subject: "配信不能: ニュース",
    text: `以下のメールアドレスへの送信に失敗しました。
marie@example.jp


-------server message
550 5.1.1 unknown user <marie@example.jp>

-------original message
${RETURNED}`,
    says: [["marie@example.jp", 2]],
  },
  "Japanese, in words": {
    subject: "メールが配信できませんでした",
    text: `メールを次の宛先に配信できませんでした。

宛先： marie@example.jp
理由： 宛先のメールアドレスが存在しません。

元のメッセージ:
${RETURNED}`,
    says: [["marie@example.jp", 2]],
  },
  Chinese: {
    from: "邮件系统 <postmaster@example.cn>",
    subject: "系统退信",
    text: `抱歉，您的邮件被退回来了……
无法发送到 marie@example.cn
退信原因：收件人邮箱地址不存在，邮件无法送达。

原邮件：
${RETURNED}`,
    says: [["marie@example.cn", 2]],
  },
  "Chinese, with facts about the mail in front of the reason": {
    from: "PostMaster <PostMaster@qq.com>",
    subject: "系统退信/Systems bounce",
    text: `抱歉，您的邮件被退回来了……
原邮件信息:
时间  2026-11-02 18:35:38
主题  No such user: the film
收件人 marie@qq.com
退信原因：收件人邮箱地址marie@qq.com不存在，邮件无法送达。
host mx[192.0.2.1] said: 550 Mailbox not found (in reply to RCPT TO command)`,
    says: [["marie@qq.com", 2]],
  },
  Swedish: {
    subject: "Kunde inte levereras: Nyheter",
    text: `Meddelandet kunde inte levereras till följande mottagare:

marie@example.se
Användaren finns inte`,
    says: [["marie@example.se", 2]],
  },
  Turkish: {
    subject: "Teslim edilemedi: Haberler",
    text: `Aşağıdaki alıcılara teslim edilemedi:

marie@example.com.tr
Alıcı bulunamadı`,
    says: [["marie@example.com.tr", 2]],
  },
  Polish: {
    subject: "Niedostarczalne: Wieści",
    text: `Nie można dostarczyć wiadomości do następujących adresatów:

marie@example.pl
Skrzynka jest pełna`,
    says: [["marie@example.pl", 3]],
  },
  Russian: {
    subject: "Недоставленное сообщение",
    text: `К сожалению, Ваше письмо не может быть доставлено одному или нескольким получателям:

marie@example.ru
550 Нет такого пользователя`,
    says: [["marie@example.ru", 2]],
  },
};
