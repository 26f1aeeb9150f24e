/** An SMTP server in a process of its own that takes every mail and keeps none; it sends its port to its parent. */
import { SMTPServer } from "smtp-server";

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  onData(stream, _session, done) {
    stream.on("end", done);
    stream.resume();
  },
});
const listening = server.listen(0, "127.0.0.1", () => {
  const address = listening.address();
  process.send?.(typeof address === "object" ? address?.port : undefined);
});
process.on("disconnect", () => process.exit());
