package statuslist

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"runtime"
	"strings"
	"testing"
)

// deflate encodes a list.
func deflate(t *testing.T, data []byte) string {
	t.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(out.Bytes())
}

func TestReadingAList(t *testing.T) {
	t.Parallel()
	lst := deflate(t, []byte{0xb9, 0xa3})
	const good = `"sub":"u","iat":1,`
	list := func(members string) string { return `"status_list":{` + members + `}` }
	standard := list(`"bits":1,"lst":"` + lst + `"`)
	for name, payload := range map[string]string{
		"ok/least":                  `{` + good + standard + `}`,
		"ok/more":                   `{` + good + `"exp":2,"ttl":43200,"iss":"https://id","x":{},` + list(`"bits":1,"lst":"`+lst+`","aggregation_uri":"https://id/all"`) + `}`,
		"ok/ttl with a fraction":    `{` + good + `"ttl":0.5,` + standard + `}`,
		"deny/not JSON":             `{`,
		"deny/member twice":         `{` + good + `"iat":1,` + standard + `}`,
		"deny/no sub":               `{"iat":1,` + standard + `}`,
		"deny/another sub":          `{"sub":"u/","iat":1,` + standard + `}`,
		"deny/sub is an array":      `{"sub":["u"],"iat":1,` + standard + `}`,
		"deny/no iat":               `{"sub":"u",` + standard + `}`,
		"deny/iat is a string":      `{"sub":"u","iat":"1",` + standard + `}`,
		"deny/iat is zero":          `{"sub":"u","iat":0,` + standard + `}`,
		"deny/exp is a string":      `{` + good + `"exp":"2",` + standard + `}`,
		"deny/exp is null":          `{` + good + `"exp":null,` + standard + `}`,
		"deny/exp is negative":      `{` + good + `"exp":-1,` + standard + `}`,
		"deny/exp beyond all years": `{` + good + `"exp":9999999999999,` + standard + `}`,
		"deny/ttl is zero":          `{` + good + `"ttl":0,` + standard + `}`,
		"deny/ttl is negative":      `{` + good + `"ttl":-1,` + standard + `}`,
		"deny/ttl is a string":      `{` + good + `"ttl":"60",` + standard + `}`,
		"deny/ttl is null":          `{` + good + `"ttl":null,` + standard + `}`,
		"deny/no list":              `{` + good + `"x":1}`,
		"deny/list is null":         `{` + good + `"status_list":null}`,
		"deny/list is a string":     `{` + good + `"status_list":"` + lst + `"}`,
		"deny/no bits":              `{` + good + list(`"lst":"`+lst+`"`) + `}`,
		"deny/no lst":               `{` + good + list(`"bits":1`) + `}`,
		"deny/lst is null":          `{` + good + list(`"bits":1,"lst":null`) + `}`,
		"deny/lst is empty":         `{` + good + list(`"bits":1,"lst":""`) + `}`,
		"deny/lst is no base64url":  `{` + good + list(`"bits":1,"lst":"+/+/"`) + `}`,
		"deny/lst has padding":      `{` + good + list(`"bits":1,"lst":"`+lst+`=="`) + `}`,
		"deny/lst is no zlib":       `{` + good + list(`"bits":1,"lst":"AAAA"`) + `}`,
		"deny/lst is cut off":       `{` + good + list(`"bits":1,"lst":"`+lst[:len(lst)-4]+`"`) + `}`,
		"deny/lst's checksum":       `{` + good + list(`"bits":1,"lst":"eNrbuRgAAhcBYQ"`) + `}`,
	} {
		if _, err := readList([]byte(payload), "u"); (err == nil) != strings.HasPrefix(name, "ok/") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bits := range []string{"0", "3", "5", "16", "-1", "1.0", "1e0", `"1"`, "null", "[1]", "true", "18446744073709551617"} {
		if _, err := readList([]byte(`{`+good+list(`"bits":`+bits+`,"lst":"`+lst+`"`)+`}`), "u"); err == nil {
			t.Errorf("deny/bits %s: no error", bits)
		}
	}
}

// It counts what is allocated, so nothing may run beside it.
func TestAListInflatesToFourMegabytesAtMost(t *testing.T) {
	for size, ok := range map[int]bool{maxInflated: true, maxInflated + 1: false, 64 << 20: false} {
		encoded := deflate(t, make([]byte, size))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		data, err := inflate(encoded)
		runtime.ReadMemStats(&after)
		if (err == nil) != ok || ok && len(data) != size {
			t.Errorf("%d bytes: %d, %v", size, len(data), err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 10*maxInflated {
			t.Errorf("%d bytes took %d", size, took)
		}
	}
}
