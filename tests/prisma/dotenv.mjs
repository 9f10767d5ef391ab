// What the dotenv package, which prisma.config.ts imports, reads from each text of a JSON array on standard input.
import dotenv from 'dotenv'
import fs from 'node:fs'

const texts = JSON.parse(fs.readFileSync(0, 'utf8'))
console.log(JSON.stringify(texts.map((text) => dotenv.parse(text))))
