import { useEffect, useEffectEvent, useState } from 'react'
import { CodeEditor } from './CodeEditor'
import { TextDocument } from './TextDocument'

interface TextEditorProps {
  path: string
  value: string
  onChange: (value: string) => void
  readOnly?: boolean
  /** Ctrl+S. */
  onSave?: () => void
}

/** An editor of a text held elsewhere. A new `value` from outside moves no cursor. Its accessible name is the path. */
export function TextEditor({ path, value, onChange, readOnly, onSave }: TextEditorProps) {
  const [text] = useState(() => new TextDocument(value))
  const changed = useEffectEvent(onChange)
  useEffect(() => text.subscribe((origin) => origin === 'person' && changed(text.text)), [text])
  useEffect(() => text.replace(value, 'disk'), [text, value])
  return <CodeEditor document={text} path={path} readOnly={readOnly} height="fill" onSave={onSave} />
}
