package attacks_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// resigned has other signatures: of other algorithms, under keys that everybody has, and what careless verifiers take.
func resigned(o *original, add func(how, text string)) {
	input := o.parts[0] + "." + o.parts[1]
	signature := unb64(o.parts[2])
	for how, other := range otherSignatures(o, signature) {
		add("signature: "+how, input+"."+b64(other))
	}
	for n := range len(signature) + 4 {
		add(fmt.Sprintf("signature of %d bytes", n), input+"."+b64(append(slices.Clone(signature), 0, 0, 0, 0)[:n]))
		add(fmt.Sprintf("signature of %d zeros", n), input+"."+b64(make([]byte, n)))
	}
	for _, b := range algorithms() {
		if b.name == o.name {
			continue
		}
		for _, kid := range []any{nil, o.kid, b.kid, "x"} {
			header := object(b.header(), map[string]any{"kid": kid})
			add(b.name+" in the header", o.with(0, b64(header)))
			add(b.name+" in the header, signed as before", o.write(header, o.claims))
			if b.issuer != o.issuer { // else it would be an honest token
				add("signed with "+b.name+" of another issuer", compact(header, o.claims, b.sign))
				add("signed with "+b.name+" of another issuer, header kept", compact(o.header, o.claims, b.sign))
			}
		}
	}
	if !o.whole() {
		return
	}
	for kid, public := range publics() {
		for form, key := range secretsOf(kid, public) {
			for name, hash := range map[string]crypto.Hash{"HS256": crypto.SHA256, "HS384": crypto.SHA384, "HS512": crypto.SHA512} {
				for _, header := range []string{`{"alg":"` + name + `"}`, `{"alg":"` + name + `","kid":"` + kid + `","typ":"at+jwt"}`} {
					add(name+" keyed with "+form+" of "+kid, compact(header, o.claims, hs(hash, key)))
				}
			}
		}
	}
	for _, key := range []string{"", " ", "secret", "your-256-bit-secret", "null", "undefined", o.issuer, o.kid, audience, string(make([]byte, 32)), string(make([]byte, 64)), "[object Object]"} {
		add(fmt.Sprintf("HS256 keyed with %q", key), compact(`{"alg":"HS256","typ":"at+jwt"}`, o.claims, hs(crypto.SHA256, []byte(key))))
	}
}

// secretsOf are the byte strings in which a public key can be had, by what they are.
func secretsOf(kid string, public crypto.PublicKey) map[string][]byte {
	text, der := spki(public), must(x509.MarshalPKIXPublicKey(public))
	all := map[string]string{
		"PEM": text, "PEM without its newline": strings.TrimSpace(text), "PEM with CRLF": strings.ReplaceAll(text, "\n", "\r\n"), "PEM on one line": strings.ReplaceAll(text, "\n", ""),
		"PEM, escaped": strings.ReplaceAll(text, "\n", `\n`), "PEM, indented": "\t" + strings.ReplaceAll(text, "\n", "\n\t"), "PEM, NUL": text + "\x00",
		"the lines of PEM": strings.Join(strings.Split(strings.TrimSpace(text), "\n")[1:len(strings.Split(strings.TrimSpace(text), "\n"))-1], ""),
		"DER":              string(der), "DER in base64": base64.StdEncoding.EncodeToString(der), "DER in base64url": b64(der), "DER in hex": hex.EncodeToString(der),
		"thumbprint": string(thumbprint(public)), "thumbprint in base64url": b64(thumbprint(public)), "kid": kid,
	}
	for form, key := range jwkForms(kid, public) {
		all[form] = key
		if strings.HasPrefix(form, "member ") {
			if b, err := base64.RawURLEncoding.DecodeString(key); err == nil {
				all["bytes of "+form] = string(b)
			}
		}
	}
	if k, ok := public.(*rsa.PublicKey); ok {
		pkcs1 := x509.MarshalPKCS1PublicKey(k)
		all["PKCS #1"], all["PKCS #1 PEM"] = string(pkcs1), string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: pkcs1}))
		all["modulus in hex"], all["modulus in decimal"], all["modulus, signed"] = k.N.Text(16), k.N.String(), "\x00"+string(k.N.Bytes())
	} else if members := jwk(public); members["y"] != nil {
		x, y := string(unb64(members["x"].(string))), string(unb64(members["y"].(string)))
		all["x and y"], all["the point"] = x+y, "\x04"+x+y
		all["the point, short"] = string(rune(2+y[len(y)-1]&1)) + x
	}
	forms := make(map[string][]byte, len(all))
	for form, key := range all {
		forms[form] = []byte(key)
	}
	return forms
}

// otherSignatures are made of the real one.
func otherSignatures(o *original, signature []byte) map[string][]byte {
	n := len(signature)
	all := map[string][]byte{
		"none": nil, "doubled": append(slices.Clone(signature), signature...), "a zero in front": append([]byte{0}, signature...), "a zero behind": append(slices.Clone(signature), 0),
		"backwards": []byte(backwards(string(signature))), "ones": []byte(strings.Repeat("\xff", n)), "in hex": []byte(hex.EncodeToString(signature)), "in base64": []byte(b64(signature)),
		"of nothing": o.sign(""), "of the header": o.sign(o.parts[0]), "of the payload": o.sign(o.parts[1]), "of the claims": o.sign(o.claims), "of the whole token": o.sign(o.token),
		"of the input without its dot": o.sign(o.parts[0] + o.parts[1]), "of both, decoded": o.sign(o.header + "." + o.claims),
	}
	switch {
	case o.curve != nil:
		order, half := o.curve.Params().N, n/2
		r, s := new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])
		der := must(asn1.Marshal(struct{ R, S *big.Int }{r, s}))
		zero, one := new(big.Int), big.NewInt(1)
		all["in DER"], all["in DER, padded"] = der, append(der, make([]byte, max(0, n-len(der)))...)
		all["S and R"] = numbers(o.curve, s, r)
		all["R alone"], all["S alone"] = numbers(o.curve, r, zero), numbers(o.curve, zero, s)
		all["zeros"], all["1 and 1"], all["order and order"] = numbers(o.curve, zero, zero), numbers(o.curve, one, one), numbers(o.curve, order, order)
		all["R and order"], all["order and S"] = numbers(o.curve, r, order), numbers(o.curve, order, s)
		all["order-R and S"] = numbers(o.curve, new(big.Int).Sub(order, r), s)
		for how, pair := range map[string][2]*big.Int{"R+order": {new(big.Int).Add(r, order), s}, "S+order": {r, new(big.Int).Add(s, order)}} {
			if pair[0].BitLen() <= half*8 && pair[1].BitLen() <= half*8 { // there is room on P-521
				all[how] = numbers(o.curve, pair[0], pair[1])
			}
			all[how+", longer"] = append(pair[0].FillBytes(make([]byte, half+1)), pair[1].FillBytes(make([]byte, half+1))...)
		}
	case o.kid == "rsa":
		modulus := rsaKey().N
		value := new(big.Int).SetBytes(signature)
		sum := new(big.Int).Add(value, modulus)
		all["plus the modulus"] = sum.Bytes()
		all["modulus less it"] = new(big.Int).Sub(modulus, value).FillBytes(make([]byte, n))
		all["the modulus"], all["1"] = modulus.Bytes(), big.NewInt(1).FillBytes(make([]byte, n))
		for _, salt := range []int{rsa.PSSSaltLengthAuto, 1, 20, 33, 49, 65} { // RFC 7518 §3.5: as long as the hash
			hash := map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}[o.name[2:]]
			all[fmt.Sprintf("PSS with a salt of %d", salt)] = ps(hash, rsaKey(), salt)(o.parts[0] + "." + o.parts[1])
		}
	case o.name == "EdDSA":
		order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
		s := new(big.Int).SetBytes([]byte(backwards(string(signature[32:])))) // little-endian
		s.Add(s, order)
		all["S plus the order"] = append(slices.Clone(signature[:32]), backwards(string(s.FillBytes(make([]byte, 32))))...)
		all["neutral R"] = append(append([]byte{1}, make([]byte, 31)...), make([]byte, 32)...)
		all["R all ones"] = append([]byte(strings.Repeat("\xff", 32)), signature[32:]...)
	}
	return all
}
