import { StreamLanguage, type StringStream } from '@codemirror/language'

/** Small languages, colored by words: comments, strings, numbers, keywords. */

interface Words {
  comment: RegExp
  keywords: RegExp
  /** What the keywords are called: for SQL, Docker and the shell it is code, in settings values. */
  keywordTag?: string
  names?: RegExp
  heading?: RegExp
  variables?: RegExp
}

interface State {
  /** The quote that a string of several lines waits for. */
  open: string | null
}

const number = /^-?\d[\d_]*(\.\d+)?([eE][+-]?\d+)?\b/

/** Reads to the end of a string; it goes on in the next line where its quote is not there yet. */
function readString(stream: StringStream, state: State, quote: string): string {
  while (!stream.eol()) {
    if (quote.length === 1 && quote !== "'" && stream.match(/^\\./)) continue
    if (stream.match(quote)) {
      state.open = null
      return 'string'
    }
    stream.next()
  }
  state.open = quote
  return 'string'
}

function tokenOf(words: Words, stream: StringStream, state: State): string | null {
  if (state.open !== null) return readString(stream, state, state.open)
  if (stream.sol() && words.heading && stream.match(words.heading)) return 'heading'
  if (stream.eatSpace()) return null
  if (stream.match(words.comment)) return 'comment'
  const quote = stream.match(/^("""|'''|["'])/)
  if (Array.isArray(quote)) return readString(stream, state, quote[0])
  if (words.variables && stream.match(words.variables)) return 'variableName'
  if (stream.match(words.keywords)) return words.keywordTag ?? 'keyword'
  if (words.names && stream.match(words.names)) return 'propertyName'
  if (stream.match(number)) return 'number'
  if (!stream.match(/^[\w.-]+/)) stream.next()
  return null
}

function wordLanguage(words: Words, isMultiline: boolean): StreamLanguage<State> {
  return StreamLanguage.define<State>({
    startState: () => ({ open: null }),
    copyState: (state) => ({ ...state }),
    token: (stream, state) => {
      const token = tokenOf(words, stream, state)
      if (!isMultiline && stream.eol() && state.open?.length === 1) state.open = null
      return token
    },
  })
}

export const shell = wordLanguage(
  {
    comment: /^#.*/,
    keywords:
      /^(if|then|elif|else|fi|for|in|do|done|while|until|case|esac|function|return|export|local|set|source|exit|cd|echo|trap)(?![\w-])/,
    variables: /^\$(\{[^}]*\}?|\w+|[@#?*!$-])/,
  },
  true,
)

export const settings = wordLanguage(
  {
    comment: /^[#;].*/,
    keywords: /^(true|false|yes|no|on|off|none|null)\b/i,
    keywordTag: 'bool',
    heading: /^\s*\[.*\]\s*$/,
    names: /^[\w.-]+(?=\s*[=:])/,
  },
  false,
)

export const sql = wordLanguage(
  {
    comment: /^(--.*|\/\*([^*]|\*(?!\/))*(\*\/)?)/,
    keywords:
      /^(select|from|where|and|or|not|in|is|null|as|on|join|left|right|inner|outer|full|cross|group|order|by|having|limit|offset|insert|into|values|update|set|delete|create|table|view|index|drop|alter|add|column|primary|foreign|key|references|unique|default|check|with|union|all|distinct|case|when|then|else|end|exists|between|like|asc|desc|over|partition|cast|begin|commit|rollback|if)\b/i,
  },
  true,
)

export const dockerfile = wordLanguage(
  {
    comment: /^#.*/,
    keywords:
      /^(FROM|AS|RUN|CMD|LABEL|EXPOSE|ENV|ADD|COPY|ENTRYPOINT|VOLUME|USER|WORKDIR|ARG|ONBUILD|STOPSIGNAL|HEALTHCHECK|SHELL)\b/,
    variables: /^\$(\{[^}]*\}?|\w+)/,
  },
  false,
)

/** One pattern or requirement a line. */
export const ignores = wordLanguage({ comment: /^#.*/, keywords: /^(!|-[a-z]\b|--[\w-]+|[<>=~!]=?=?)/ }, false)
