package app

import (
	"maps"
	"slices"
	"time"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// Status is what status, ready and dashboards show. It holds no secret and no claim value.
type Status struct {
	Ready       bool           `json:"ready"` // also on hold: the latch does what it was told
	Held        bool           `json:"held"`  // everything but public rules is answered 503
	Issuers     []IssuerStatus `json:"issuers"`
	Stores      []StoreStatus  `json:"stores"`
	Revocations map[string]int `json:"revocations"` // entries in force, by kind
}

// IssuerStatus is one issuer and the keys by which its tokens are verified now.
type IssuerStatus struct {
	Issuer      string             `json:"issuer"` // empty: a site's own
	Keys        []KeyStatus        `json:"keys"`   // none: they are not known, and its tokens are answered 503
	FetchedAt   time.Time          `json:"fetched_at,omitzero"`
	NextRefresh time.Time          `json:"next_refresh,omitzero"` // of keys that are fetched, when none is under way
	StatusLists []StatusListStatus `json:"status_lists,omitempty"`
	LastError   string             `json:"last_error,omitempty"`
}

// KeyStatus is one key.
type KeyStatus struct {
	ID         string   `json:"kid,omitempty"`
	Algorithms []string `json:"algorithms"`
}

// StoreStatus is one store and how it is followed.
type StoreStatus struct {
	Resource  string    `json:"resource"`
	LoadedAt  time.Time `json:"loaded_at,omitzero"`
	Writable  bool      `json:"writable"`
	LastError string    `json:"last_error,omitempty"`
}

// Status takes the app's pulse. It waits for nothing: who asks whether the latch is well has a second for it.
func (a *App) Status() Status {
	s := Status{Ready: true, Held: process.list.Held(), Issuers: []IssuerStatus{}, Stores: []StoreStatus{}, Revocations: map[string]int{}}
	for _, i := range a.allIssuers() {
		status := issuerStatus(i)
		s.Ready = s.Ready && len(status.Keys) > 0
		s.Issuers = append(s.Issuers, status)
	}
	select {
	case <-a.loaded:
		for _, f := range a.stores {
			s.Stores = append(s.Stores, f.followed.status())
		}
		s.Ready = s.Ready && a.checkFresh(time.Now()) == nil
	default:
		s.Ready = false
	}
	counts := process.list.Len()
	for _, kind := range revocation.Kinds() {
		s.Revocations[kind.String()] = counts[kind]
	}
	return s
}

func issuerStatus(i *accesstoken.Issuer) IssuerStatus {
	status := IssuerStatus{Issuer: i.Name, Keys: []KeyStatus{}, StatusLists: statusListStatus(accesstoken.AtOnce, i)}
	set, err := i.Keys.Set(accesstoken.AtOnce, "")
	if keys, ok := i.Keys.(followedKeys); ok {
		state := keys.State()
		status.FetchedAt, status.NextRefresh = state.FetchedAt.UTC(), state.NextAt.UTC()
		if state.Err != nil {
			err = state.Err
		}
	}
	if err != nil {
		status.LastError = err.Error()
	}
	for _, key := range set.Keys() {
		k := KeyStatus{ID: key.ID}
		for _, alg := range key.Algorithms() {
			k.Algorithms = append(k.Algorithms, alg.String())
		}
		status.Keys = append(status.Keys, k)
	}
	return status
}

func (f *followed) status() StoreStatus {
	loadedAt, err := f.state()
	_, writable := f.store.(revocation.Writer)
	status := StoreStatus{Resource: f.resource, LoadedAt: loadedAt, Writable: writable}
	if err != nil {
		status.LastError = err.Error()
	}
	return status
}

// allIssuers are the issuers of the app and of its sites, each once, by name. Sites may each have a nameless one.
func (a *App) allIssuers() []*accesstoken.Issuer {
	all := slices.Collect(maps.Values(a.issuers))
	for _, s := range a.sites {
		for _, i := range s.Accepts() {
			if !slices.Contains(all, i) {
				all = append(all, i)
			}
		}
	}
	slices.SortStableFunc(all, func(x, y *accesstoken.Issuer) int {
		if x.Name < y.Name {
			return -1
		}
		return 1
	})
	return all
}

// issuerNames are the names of all issuers, each once.
func (a *App) issuerNames() []string {
	names := []string{}
	for _, i := range a.allIssuers() {
		names = append(names, i.Name)
	}
	return slices.Compact(names)
}
