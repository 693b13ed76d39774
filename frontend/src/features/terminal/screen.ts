import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import type { Theme } from '../../lib/theme'
import { leastContrast, terminalColors } from './colors'
import type { Screen, Size } from './connection'
import { pasteable } from './paste'
import { withNonces } from './policy'

/** Sets the title, a link, colors of the page's, the clipboard: what programs print must do none of it. */
const inert = [0, 1, 2, 8, 9, 52, 777, 1337]

interface Typed {
  onText: (text: string) => void
  onBytes: (binary: string) => void
  onResize: (size: Size) => void
  /** The key that leaves the terminal was pressed. */
  onLeave: () => void
}

/** xterm.js in an element: what is printed there, and what is typed. */
export class TerminalScreen implements Screen {
  private readonly element: HTMLElement
  private readonly terminal: Terminal
  private readonly fitter = new FitAddon()
  private readonly observer: ResizeObserver
  private replays = 0

  constructor(element: HTMLElement, label: string, theme: Theme, typed: Typed) {
    this.element = element
    const { fontFamily } = getComputedStyle(element)
    this.terminal = new Terminal({
      fontFamily,
      fontSize: 13,
      lineHeight: 1.25,
      scrollback: 5000,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      macOptionIsMeta: true,
      theme: terminalColors(theme),
      minimumContrastRatio: leastContrast(theme),
      linkHandler: { activate: () => undefined },
    })
    this.terminal.loadAddon(this.fitter)
    for (const code of inert) this.terminal.parser.registerOscHandler(code, () => true)
    withNonces(() => this.terminal.open(element))
    this.terminal.textarea?.setAttribute('aria-label', label)
    this.terminal.attachCustomKeyEventHandler((event) => this.passesKey(event, typed.onLeave))
    // The answers that programs once asked for would be typed into the shell now.
    this.terminal.onData((text) => this.replays === 0 && typed.onText(text))
    this.terminal.onBinary((binary) => this.replays === 0 && typed.onBytes(binary))
    this.terminal.onResize(({ cols, rows }) => typed.onResize({ columns: cols, rows }))
    element.addEventListener('paste', this.paste, true)
    this.observer = new ResizeObserver(() => this.fit())
    this.observer.observe(element)
    this.fit()
  }

  size = (): Size => ({ columns: this.terminal.cols, rows: this.terminal.rows })

  clear = (): void => this.terminal.reset()

  print = (data: Uint8Array, isReplay: boolean, done: () => void): void => {
    if (isReplay) this.replays += 1
    this.terminal.write(data, () => {
      if (isReplay) this.replays -= 1
      done()
    })
  }

  /** A line of the page's own, below what was printed. */
  note(text: string): void {
    this.terminal.write(`\r\n\x1b[2m${text}\x1b[0m\r\n`)
  }

  focus(): void {
    this.terminal.focus()
  }

  setTheme(theme: Theme): void {
    this.terminal.options.theme = terminalColors(theme)
    this.terminal.options.minimumContrastRatio = leastContrast(theme)
  }

  setScreenReader(isOn: boolean): void {
    this.terminal.options.screenReaderMode = isOn
  }

  dispose(): void {
    this.observer.disconnect()
    this.element.removeEventListener('paste', this.paste, true)
    this.terminal.dispose()
  }

  private fit(): void {
    if (this.element.clientHeight > 0) this.fitter.fit()
  }

  private readonly paste = (event: ClipboardEvent): void => {
    event.preventDefault()
    event.stopPropagation()
    this.terminal.paste(pasteable(event.clipboardData?.getData('text/plain') ?? ''))
  }

  /** Whether a key is for the shell. Copying, pasting and leaving are not. */
  private passesKey(event: KeyboardEvent, onLeave: () => void): boolean {
    if (event.type !== 'keydown') return true
    const key = event.key.toLowerCase()
    const isControl = event.ctrlKey && !event.altKey && !event.metaKey
    if (isControl && event.shiftKey && key === 'l') {
      event.preventDefault()
      onLeave()
      return false
    }
    if (isControl && key === 'c' && (event.shiftKey || this.terminal.hasSelection())) {
      event.preventDefault()
      void navigator.clipboard?.writeText(this.terminal.getSelection())
      this.terminal.clearSelection()
      return false
    }
    // The browser then pastes by itself.
    return !(isControl && key === 'v') && !(event.shiftKey && key === 'insert')
  }
}
