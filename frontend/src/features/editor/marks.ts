import type { Extension } from '@codemirror/state'
import type { DecorationSet, EditorView } from '@codemirror/view'
import { Decoration, MatchDecorator, ViewPlugin, type ViewUpdate } from '@codemirror/view'

const variable = Decoration.mark({ class: 'cm-template-variable' })
const statement = Decoration.mark({ class: 'cm-template-statement' })
const remark = Decoration.mark({ class: 'cm-template-remark' })
const role = Decoration.mark({ class: 'cm-prompt-role' })

function plugin(matcher: MatchDecorator): Extension {
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet
      constructor(view: EditorView) {
        this.decorations = matcher.createDeco(view)
      }
      update(update: ViewUpdate) {
        this.decorations = matcher.updateDeco(update, this.decorations)
      }
    },
    { decorations: (value) => value.decorations },
  )
}

/** `{{ … }}`, `{% … %}`, `{# … #}` and the lines that begin a message of a role. */
const promptMarks = plugin(
  new MatchDecorator({
    regexp:
      /\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|^[ \t]*#?[ \t]*(?:system|user|assistant|function|tool)[ \t]*:[ \t]*\r?$/gim,
    decoration: (match) => {
      if (match[0].startsWith('{{')) return variable
      if (match[0].startsWith('{%')) return statement
      return match[0].startsWith('{#') ? remark : role
    },
  }),
)

/** `${node.output}` in YAML looks as it does in a card. */
const referenceMarks = plugin(new MatchDecorator({ regexp: /\$\{[^}\n]+\}/g, decoration: () => variable }))

export const marks = { prompt: promptMarks, references: referenceMarks }
