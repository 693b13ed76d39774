import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.operatorKeyword, tags.bool, tags.null], color: 'var(--syn-keyword)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--syn-string)' },
  { tag: [tags.number, tags.integer, tags.float], color: 'var(--syn-number)' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: 'var(--syn-function)' },
  { tag: tags.function(tags.definition(tags.variableName)), color: 'var(--syn-function)' },
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--syn-function)' },
  { tag: [tags.typeName, tags.className, tags.namespace], color: 'var(--syn-type)' },
  { tag: [tags.meta, tags.tagName, tags.labelName, tags.heading], color: 'var(--syn-tag)' },
  { tag: [tags.comment, tags.docComment], color: 'var(--syn-comment)' },
  { tag: tags.heading, fontWeight: '600' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strong, fontWeight: '600' },
  { tag: tags.link, color: 'var(--accent-text)' },
])

const look = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--bg-code)', fontSize: 'var(--size-13)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--font-mono)',
    fontFeatureSettings: '"calt" 0',
    lineHeight: 'var(--line-20)',
    overflow: 'auto',
  },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 12px 0 2px' },
  '.cm-gutters': { backgroundColor: 'var(--bg-code)', color: 'var(--icon)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': {
    minWidth: '40px',
    padding: '0 12px 0 0',
    fontSize: 'var(--size-12)',
    userSelect: 'none',
  },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine, &.cm-focused .cm-activeLineGutter': { backgroundColor: 'var(--bg-hover)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--accent-border)',
  },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--bg-active)', outline: 'none' },
  '.cm-template-variable': {
    color: 'var(--accent-text)',
    backgroundColor: 'var(--accent-surface)',
    borderRadius: 'var(--radius-1)',
  },
  '.cm-template-variable *': { color: 'var(--accent-text)' },
  '.cm-template-statement': { color: 'var(--syn-tag)' },
  '.cm-template-remark': { color: 'var(--syn-comment)' },
  '.cm-prompt-role': { color: 'var(--syn-tag)', fontWeight: '600' },
  '.cm-bad-line': { backgroundColor: 'var(--danger-surface)' },
  '.cm-doubtful-line': { backgroundColor: 'var(--warning-surface)' },
  '.cm-bad-number': { color: 'var(--danger-text)' },
  '.cm-lintRange-error, .cm-lintRange-warning': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--danger-solid) 1px',
    textUnderlineOffset: '4px',
  },
  '.cm-lintRange-warning': { textDecorationColor: 'var(--warning-solid)' },
  '.cm-lens': {
    display: 'flex',
    gap: 'var(--space-2)',
    margin: '4px 12px 4px 2px',
    padding: '8px 8px 8px 12px',
    border: '1px solid var(--danger-border)',
    borderLeft: '2px solid var(--danger-solid)',
    borderRadius: 'var(--radius-1)',
    background: 'var(--danger-surface)',
    font: 'var(--size-13)/var(--line-20) var(--font-sans)',
    whiteSpace: 'pre-wrap',
  },
  '.cm-lens b': { fontWeight: '600', marginRight: '6px' },
  '.cm-tooltip': {
    border: '1px solid var(--border-strong)',
    borderRadius: 'var(--radius)',
    background: 'var(--bg-raised)',
    color: 'var(--text)',
    boxShadow: 'var(--shadow-float)',
  },
  '.cm-diagnostic': { fontFamily: 'var(--font-sans)', padding: '4px 8px', whiteSpace: 'pre-wrap' },
  '.cm-panels': { background: 'var(--bg-panel)', color: 'var(--text)', borderColor: 'var(--border)' },
  '.cm-panel.cm-search': { padding: '6px 8px', fontFamily: 'var(--font-sans)' },
  '.cm-panel.cm-search label': { fontSize: 'var(--size-12)' },
  '.cm-textfield': {
    border: '1px solid var(--border-strong)',
    borderRadius: 'var(--radius)',
    background: 'var(--bg-surface)',
    fontSize: 'var(--size-12)',
  },
  '.cm-button': {
    border: '1px solid var(--border-strong)',
    borderRadius: 'var(--radius)',
    background: 'var(--bg-raised)',
    backgroundImage: 'none',
    fontSize: 'var(--size-12)',
  },
  '.cm-panel.cm-search [name=close]': { color: 'var(--text-2)' },
})

/** The studio's look of an editor, in every theme: it takes only tokens. */
export const editorTheme: Extension = [look, syntaxHighlighting(highlight)]
