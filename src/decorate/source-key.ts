/** The name in R2 of an email's kept HTML. Its id has no character that R2, a URL or a file system reads otherwise. */
export function sourceKey(email: string): string {
  return `${email}.html`;
}
