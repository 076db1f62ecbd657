package accesstoken

import "encoding/json"

// What Go takes for a value, roughly and rather too much: a token's struct with its names and its place in a map, an
// empty map, one with a member, each member, an element, a string without its bytes.
const (
	tokenWeight   = 1 << 10
	emptyWeight   = 64
	objectWeight  = 384
	memberWeight  = 64
	elementWeight = 32
	stringWeight  = 24
)

// weigh is about how many bytes t and its spelling take in memory. The length of the spelling alone would bound
// nothing: 7 KiB of small objects take 250 KiB once they are decoded.
func (t *Token) weigh(raw string) int {
	n := len(raw) + weight(map[string]any(t.Claims)) + elementWeight*(len(t.Audience)+len(t.Scopes))
	return tokenWeight + n + n/8 // memory is handed out in sizes that lie an eighth apart
}

// weight is about how many bytes a decoded JSON value takes.
func weight(v any) int {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			return emptyWeight
		}
		n := objectWeight
		for name, e := range v {
			n += memberWeight + len(name) + weight(e)
		}
		return n
	case []any:
		n := stringWeight
		for _, e := range v {
			n += elementWeight + weight(e)
		}
		return n
	case string:
		return stringWeight + len(v)
	case json.Number:
		return stringWeight + len(v)
	}
	return 0 // true, false and null stand in their element
}
