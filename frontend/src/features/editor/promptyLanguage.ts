import { yamlFrontmatter } from '@codemirror/lang-yaml'
import { StreamLanguage } from '@codemirror/language'

const prompt = StreamLanguage.define({
  token: (line) => {
    line.skipToEnd()
    return null
  },
})

/** YAML between lines of dashes, and behind it a prompt, whose parts are marked beside the grammar. */
export const prompty = yamlFrontmatter({ content: prompt })
