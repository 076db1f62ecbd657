// node rotate.js publish|use|retire: takes a step of a rotation. The provider sees it by itself.
//
//   KEYS  the provider's file of keys
import { rotate, steps } from './ring.js'

const { KEYS = 'keys.json' } = process.env
const [step] = process.argv.slice(2)

if (!Object.hasOwn(steps, step)) {
  console.error(`node rotate.js ${Object.keys(steps).join('|')}`)
  process.exit(1)
}
const [signs, ...others] = rotate(KEYS, step)
console.log(JSON.stringify({ signs, others }))
