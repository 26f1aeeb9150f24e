/** "#7a1f2b": red, green and blue of sRGB, two hexadecimal digits each. */
export type Color = `#${string}`;
