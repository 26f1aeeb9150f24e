/**
 * Notices of mail servers without a delivery report, written in the form of each: the text, the addresses that it
 * names, and what it says of each.
 */

export interface ServerNotice {
  readonly text: string;
  readonly from?: string;
  readonly subject?: string;
  /** Address and category. */
  readonly says: readonly (readonly [string, number])[];
}

const RETURNED = `Return-Path: <bounces@mail.example.com>
From: Maison Lavande <news@example.com>
To: other@example.com
Subject: No such user: the film, and a full mailbox`;

export const NOTICES: Readonly<Record<string, ServerNotice>> = {
  "Sendmail 8, the address in front of the reason": {
    subject: "Returned mail: Host unknown (Name server: nowhere.example: host not found)",
    text: `The original message was received at Mon, 2 Nov 2026 10:00:00 GMT
from localhost

   ----- The following addresses have delivery notifications -----
marie@nowhere.example  (unrecoverable error)

   ----- Transcript of session follows -----
554 <marie@nowhere.example>... 550 Host unknown (Name server: nowhere.example: host not found)

   ----- Original message follows -----
${RETURNED}`,
    says: [["marie@nowhere.example", 2]],
  },
  "Sendmail 8, only a transcript": {
    subject: "Returned mail: User unknown",
    text: `   ----- Transcript of session follows -----
550 <marie@example.com>... User unknown

   ----- Unsent message follows -----
${RETURNED}`,
    says: [["marie@example.com", 2]],
  },
  "Sendmail 5": {
    subject: "Returned mail: User unknown",
    text: `   ----- Transcript of session follows -----
While talking to mx.example.com:
>>> RCPT To:<marie@example.com>
<<< 550 <marie@example.com>... User unknown
550 <marie@example.com>... User unknown

   ----- Recipients of this delivery -----
Bounced, cannot deliver:
   <marie@example.com>

   ----- Unsent message follows -----
${RETURNED}`,
    says: [["marie@example.com", 2]],
  },
  "Sendmail, two addresses and two reasons": {
    subject: "Returned mail: see transcript for details",
    text: `   ----- The following addresses had permanent fatal errors -----
<marie@example.com>
    (reason: 550 5.1.1 <marie@example.com>... User unknown)
<jean@example.com>
    (reason: 552 5.2.2 <jean@example.com>... Mailbox full)

   ----- Transcript of session follows -----
... while talking to mx.example.com.:
>>> DATA
<<< 550 5.1.1 <marie@example.com>... User unknown
550 5.1.1 <marie@example.com>... User unknown
<<< 552 5.2.2 <jean@example.com>... Mailbox full`,
    says: [
      ["marie@example.com", 2],
      ["jean@example.com", 3],
    ],
  },
  "MailMarshal, the reason in front of the address": {
    subject: 'Undeliverable Mail: "No such user: the film"',
    text: `Your message:
   From:    news@example.com
   Subject: No such user: the film

Could not be delivered because of

552 5.2.2 Mailbox full

The following recipients were affected:
    marie@example.com

Additional Information
======================
Original Sender:    <news@example.com>
Remote-MTA:         <192.0.2.1>`,
    says: [["marie@example.com", 3]],
  },
  "Notes, the reason in front of the address": {
    subject: "Undeliverable message",
    text: `------- Failure Reasons  --------

User not listed in public Name & Address Book
marie@notes.example.com

------- Returned Message --------
${RETURNED}`,
    says: [["marie@notes.example.com", 2]],
  },
  "IMail, the reason and the address on a line": {
    subject: "Undeliverable Mail",
    text: `User mailbox exceeds allowed size: marie@example.com

Original message follows.

${RETURNED}`,
    says: [["marie@example.com", 3]],
  },
  "Exim, an undisclosed address": {
    subject: "Mail delivery failed: returning message to sender",
    text: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  an undisclosed address
    (generated from marie@example.com)
    SMTP error from remote mail server after RCPT TO:<x@example.org>:
    host mx.example.org [192.0.2.1]: 550 5.1.1 User unknown

------ This is a copy of the message, including all the headers. ------

${RETURNED}`,
    // Whoever stands behind it is gone; marie may not be.
    says: [["marie@example.com", 9]],
  },
  "1&1 and GMX": {
    subject: "Mail delivery failed: returning message to sender",
    text: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address
failed:

"marie@example.com":
SMTP error from remote server after RCPT command:
host: mx.example.com
550 5.1.1 <marie@example.com>... User Unknown

--- The header of the original message is following. ---

${RETURNED}`,
    says: [["marie@example.com", 2]],
  },
  "Oracle's Messaging Server": {
    subject: "Delivery Notification: Delivery has failed",
    text: `This report relates to a message you sent with the following header fields:

  Message-id: <1@mail.example.com>
  Date: Mon, 02 Nov 2026 10:00:00 +0000
  From: Maison Lavande <news@example.com>
  To: marie@example.com
  Subject: Your mailbox is full of surprises

Your message cannot be delivered to the following recipients:

  Recipient address: marie@example.com
  Reason: Remote SMTP server has rejected address
  Diagnostic code: smtp;550 5.1.1 <marie@example.com>... User Unknown
  Remote system: dns;mx.example.com (TCP|192.0.2.9|47323|192.0.2.1|25)`,
    says: [["marie@example.com", 2]],
  },
  "Exchange 2003": {
    from: "System Administrator <postmaster@example.org>",
    subject: "Undeliverable: News",
    text: `Your message

  To:      marie@example.com
  Subject: News
  Sent:    Mon, 2 Nov 2026 10:00:00 +0000

did not reach the following recipient(s):

marie@example.com on Mon, 2 Nov 2026 10:00:05 +0000
    The recipient name is not recognized
	The MTS-ID of the original message is: c=fr;a= ;p=example;l=EX0000
    MSEXCH:IMS:EXAMPLE:PARIS:EX 0 (000C05A6) Unknown Recipient`,
    says: [["marie@example.com", 2]],
  },
  "Domino, in a sentence": {
    from: "Postmaster@example.org",
    subject: "DELIVERY FAILURE: User marie (marie@example.com) not listed in Domino Directory",
    text: `Your message

  Subject: Hello

was not delivered to:

  marie@example.com

because:

  User marie (marie@example.com) not listed in Domino Directory`,
    says: [["marie@example.com", 2]],
  },
  MDaemon: {
    from: "Mail Delivery Subsystem <MDaemon@example.org>",
    subject: "Permanent Delivery Failure",
    text: `The following data may contain sections which represent BASE64 encoded
attachments.

--------------------------------------
The attached message had PERMANENT fatal delivery errors!

After one or more unsuccessful delivery attempts the attached message has
been removed from the mail queue on this server.  The number and frequency
of delivery attempts are determined by local configuration parameters.

YOUR MESSAGE WAS NOT DELIVERED TO ONE OR MORE RECIPIENTS!

Failed address: marie@example.com

--- Session Transcript ---
RCPT To:<marie@example.com>
550 <marie@example.com>, Recipient unknown
--- End Transcript ---`,
    says: [["marie@example.com", 2]],
  },
  "MailFoundry and InterScan": {
    subject: "Message delivery has failed",
    text: `Unable to deliver message to: <marie@example.com>
Delivery failed for the following reason:
Server mx.example.com[192.0.2.1] failed with: 550 <marie@example.com> No such user here

This has been a permanent failure.  No further delivery attempts will be made.`,
    says: [["marie@example.com", 2]],
  },
  "a list of addresses with brackets": {
    from: '"Mail Deliver System" <MAILER-DAEMON@example.org>',
    subject: "Returned Mail: User unknown",
    text: `The original message was received at Mon, 2 Nov 2026 10:00:00 +0000
from news@example.com

---The following addresses had delivery errors---

marie@example.com [User unknown]
jean@example.com [Mailbox full]`,
    says: [
      ["marie@example.com", 2],
      ["jean@example.com", 3],
    ],
  },
  "a report with technical details behind a line": {
    subject: "Delivery status notification",
    text: `============================================================================
     This is an automatically generated Delivery Status Notification.

Delivery to the following recipients failed permanently:

  * marie@example.com


============================================================================
                            Technical details:

SMTP:RCPT host 192.0.2.8: 553 5.3.0 <marie@example.com>... No such user here


============================================================================`,
    says: [["marie@example.com", 2]],
  },
  "a sentence about a server that rejected a recipient": {
    subject: "There was an error sending your mail",
    text: `1 error(s):

SMTP Server <mx.example.com> rejected recipient <marie@example.com>
  (Error following RCPT command). It responded as follows: [550 5.1.1 User unknown]

The attachment contains the original mail headers of your message.`,
    says: [["marie@example.com", 2]],
  },
  "a server of the recipient's help desk": {
    subject: "failure notice",
    text: `I'm afraid I wasn't able to deliver your message to the following addresses.

<support@example.com>:
550 5.1.1 <support@example.com>: Recipient address rejected: User unknown

--- Below this line is a copy of the message.

${RETURNED}`,
    says: [["support@example.com", 2]],
  },
  "a null MX": {
    subject: "Mail delivery failed: returning message to sender",
    text: `The following address(es) failed:

  marie@nowhere.example
    an MX or SRV record indicated no SMTP service`,
    says: [["marie@nowhere.example", 2]],
  },
  "a report that lost its structure": {
    text: `Your message could not be delivered.

Reporting-MTA: dns; mx.example.org
Arrival-Date: Mon, 2 Nov 2026 10:00:00 +0000

Final-Recipient: rfc822; marie@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown`,
    says: [["marie@example.com", 2]],
  },
  "a text in which words of a footer could mislead": {
    text: `Delivery to the following recipient failed:

marie@example.com
554 5.7.1 Message rejected

If the address does not exist, or the mailbox is full, please ask the recipient.`,
    says: [["marie@example.com", 1]],
  },
};

export const NOTICES_IN_OTHER_LANGUAGES: Readonly<Record<string, ServerNotice>> = {
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

原邮件信息：
${RETURNED}`,
    says: [["marie@example.cn", 2]],
  },
  Russian: {
    subject: "Недоставленное сообщение",
    text: `К сожалению, Ваше письмо не может быть доставлено одному или нескольким получателям:

marie@example.ru
550 Нет такого пользователя`,
    says: [["marie@example.ru", 2]],
  },
};
