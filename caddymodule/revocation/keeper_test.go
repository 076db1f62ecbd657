package revocation

import (
	"strings"
	"testing"
	"time"
)

func TestValidatesWhatGoesIntoADrawer(t *testing.T) {
	t.Parallel()
	const key = "hush-key"
	value, end := []byte("hush-value"), time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)
	empty, most, long := []byte{}, make([]byte, MaxRecord), make([]byte, MaxRecord+1)
	for name, c := range map[string]struct {
		drawer     Drawer
		key        string
		old, value []byte
		end        time.Time
	}{
		"ok/new":                {Sessions, key, nil, value, end},
		"ok/changed":            {Invitations, key, value, most, end},
		"ok/taken out":          {Sessions, key, value, nil, time.Time{}},
		"ok/nothing at all":     {Sessions, key, nil, nil, time.Time{}},
		"ok/longest key":        {Sessions, strings.Repeat("k", MaxRecordKey), nil, value, end},
		"ok/every letter":       {Sessions, "azAZ09-_", nil, value, end},
		"ok/first second":       {Sessions, key, nil, value, time.Unix(1, 0)},
		"ok/last second":        {Sessions, key, nil, value, time.Date(9999, 12, 31, 23, 59, 59, 999, time.UTC)},
		"deny/no drawer":        {0, key, nil, value, end},
		"deny/unknown drawer":   {NumDrawers, key, nil, value, end},
		"deny/no key":           {Sessions, "", nil, value, end},
		"deny/long key":         {Sessions, strings.Repeat("k", MaxRecordKey+1), nil, value, end},
		"deny/slash":            {Sessions, key + "/", nil, value, end},
		"deny/blank":            {Sessions, key + " ", nil, value, end},
		"deny/zero byte":        {Sessions, key + "\x00", nil, value, end},
		"deny/no ASCII":         {Sessions, key + "é", nil, value, end},
		"deny/no UTF-8":         {Sessions, key + "\xff", nil, value, end},
		"deny/empty value":      {Sessions, key, nil, empty, end},
		"deny/empty old value":  {Sessions, key, empty, value, end},
		"deny/long value":       {Sessions, key, nil, long, end},
		"deny/long old value":   {Sessions, key, long, nil, end},
		"deny/no end":           {Sessions, key, nil, value, time.Time{}},
		"deny/end before 1970":  {Sessions, key, nil, value, time.Unix(0, 0)},
		"deny/end in year 1000": {Sessions, key, nil, value, end.AddDate(-1030, 0, 0)},
		"deny/end after 9999":   {Sessions, key, nil, value, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		err := ValidateSwap(c.drawer, c.key, c.old, c.value, c.end)
		if ok := strings.HasPrefix(name, "ok/"); ok != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the error quotes: %v", name, err)
		}
	}
}

// Stores keep these words.
func TestDrawersHaveTheirWords(t *testing.T) {
	t.Parallel()
	words := map[Drawer]string{1: "invitations", 2: "sessions"}
	if len(Drawers()) != len(words) || NumDrawers != len(words)+1 {
		t.Errorf("%d drawers, want %d", len(Drawers()), len(words))
	}
	for _, d := range Drawers() {
		if d.String() != words[d] || d.Validate() != nil {
			t.Errorf("drawer %d is %q, %v", d, d, d.Validate())
		}
	}
	if Drawer(9).String() != "drawer(9)" || Drawer(9).Validate() == nil || Drawer(0).Validate() == nil {
		t.Errorf("no drawer: %q, %v, %v", Drawer(9), Drawer(9).Validate(), Drawer(0).Validate())
	}
}
