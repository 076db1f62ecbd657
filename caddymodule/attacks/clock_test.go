package attacks_test

import (
	"strconv"
	"time"
)

// unixIn is the moment in some seconds, as claims say it.
func unixIn(seconds int) string {
	return strconv.FormatInt(time.Now().Add(time.Duration(seconds)*time.Second).Unix(), 10)
}
