package caddymodule

import (
	// What comes with the module.
	_ "github.com/botlatch/botlatch/caddymodule/admin"
	_ "github.com/botlatch/botlatch/caddymodule/command"
	_ "github.com/botlatch/botlatch/caddymodule/revocation/boltstore"
	_ "github.com/botlatch/botlatch/caddymodule/revocation/filestore"
	_ "github.com/botlatch/botlatch/caddymodule/revocation/redisstore"
)
