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

var errTenant = errors.New("the tid claim is not the issuer's tenant")

// tenant is the tenant that an issuer's name names. All tenants share keys, so tid must say the same as iss.
func tenant(name string) (string, bool) {
	for _, template := range entra {
		if tenant, ok := jose.Tenant(template, name); ok {
			return tenant, true
		}
	}
	return "", false
}
