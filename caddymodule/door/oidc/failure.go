package oidc

import (
	"errors"
	"fmt"
	"slices"
)

// Why nobody was signed in. Every error of Begin and Finish is one of these, for errors.Is.
var (
	// ErrNoFlow: this browser has begun no such sign-in, or too long ago, or has ended it; or it keeps no cookies.
	ErrNoFlow = errors.New("no such sign-in is under way in this browser")
	// ErrProvider: the provider is down, or does not answer as one.
	ErrProvider = errors.New("the OpenID provider cannot be used")
	// ErrRefused: the provider says no; see RefusedError.
	ErrRefused = errors.New("the OpenID provider refused the sign-in")
	// ErrMixUp: the answer is not one answer of the provider that was asked. Somebody may be trying something.
	ErrMixUp = errors.New("not an answer of the OpenID provider that was asked")
	// ErrIDToken: the ID token counts for nothing here.
	ErrIDToken = errors.New("the ID token was refused")
	// ErrUnknown: it is not known at the moment whether the access token counts. Check wraps it; nothing is wrong with the person.
	ErrUnknown = errors.New("whether the access token counts is not known at the moment")
	// ErrNothingGranted: the person is who they say, and nobody has given them anything.
	ErrNothingGranted = errors.New("signed in, but nothing is granted")
)

// RefusedError is ErrRefused with its reason.
type RefusedError struct {
	// Code is a registered error code, such as access_denied; "" for any other, because it might be anything.
	Code string
}

// Error implements error.
func (e *RefusedError) Error() string {
	if e.Code == "" {
		return ErrRefused.Error()
	}
	return ErrRefused.Error() + ": " + e.Code
}

// Unwrap makes it ErrRefused.
func (e *RefusedError) Unwrap() error { return ErrRefused }

// registered are the error codes of an authorization or token answer: RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6,
// RFC 8707 §2, RFC 9470 §5.
var registered = []string{
	"access_denied", "account_selection_required", "consent_required", "interaction_required", "invalid_client", "invalid_grant",
	"invalid_request", "invalid_request_object", "invalid_request_uri", "invalid_scope", "invalid_target", "login_required",
	"registration_not_supported", "request_not_supported", "request_uri_not_supported", "unauthorized_client",
	"unmet_authentication_requirements", "unsupported_grant_type", "unsupported_response_type",
}

// refused is what an error code of the provider means.
func refused(code string) error {
	switch {
	case code == "server_error", code == "temporarily_unavailable": // its way to say 500 and 503 through a browser
		return fmt.Errorf("%w: %s", ErrProvider, code)
	case slices.Contains(registered, code):
		return &RefusedError{code}
	}
	return &RefusedError{}
}
