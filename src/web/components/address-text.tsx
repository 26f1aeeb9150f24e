/** An address, which breaks behind "@" and before a dot where it must break. */

export function AddressText({ address }: { readonly address: string }) {
  const parts = address.split(/(?<=@)|(?=\.)/);
  return (
    <bdi>
      {parts.map((part, index) => (
        <>
          {index === 0 ? null : <wbr />}
          {part}
        </>
      ))}
    </bdi>
  );
}
