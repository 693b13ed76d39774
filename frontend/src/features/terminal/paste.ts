/**
 * What may be typed into a terminal for somebody who pastes: text, tabs and line ends. An escape character could end the
 * bracket by which a shell knows pasted text, and with it have the rest run as a command.
 */
export function pasteable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is left out.
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '')
}
