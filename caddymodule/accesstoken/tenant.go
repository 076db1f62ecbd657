package accesstoken

import (
	"errors"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

// entra are the names of the issuers of Entra's tenants, in its second and first version and in its national clouds.
var entra = [...]string{
	"https://login.microsoftonline.com/{tenantid}/v2.0",
	"https://login.microsoftonline.us/{tenantid}/v2.0",
	"https://login.partner.microsoftonline.cn/{tenantid}/v2.0",
	"https://sts.windows.net/{tenantid}/",
	"https://sts.chinacloudapi.cn/{tenantid}/",
}

// ofAccess are claims of Entra's access tokens. Its ID tokens have none of them, nor a mark of their own when the client asked for no
// nonce; but they have roles, and the aud of an API that people sign in to.
var ofAccess = [...]string{"scp", "azp", "appid"}

var (
	errTenant  = errors.New("the tid claim is not the issuer's tenant")
	errEntraID = errors.New("none of scp, azp and appid: the token is an ID token")
)

// tenant is the tenant that an issuer's name names. All tenants share keys, so tid must say the same as iss.
func tenant(name string) (string, bool) {
	for _, template := range entra {
		if tenant, ok := jose.Tenant(template, name); ok {
			return tenant, true
		}
	}
	return "", false
}

// checkEntra refuses what is no access token of Entra.
func (i *Issuer) checkEntra(claims jose.Object) error {
	if _, ok := tenant(i.Name); !ok || i.AcceptIDTokens {
		return nil
	}
	for _, name := range ofAccess {
		if _, present := claims[name]; present {
			return nil
		}
	}
	return errEntraID
}
