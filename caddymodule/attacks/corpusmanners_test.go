package attacks_test

import "fmt"

// manners are other methods for acts, and header fields with which a careless program reads a request as another one.
func manners(acts []deed) (shots []shot) {
	for _, a := range acts {
		for _, method := range []string{
			"HEAD", "head", "Head", "get", "Get", "GeT", "gET", "post", "Post", "POSt", "OPTIONS", "options", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "QUERY", "SEARCH", "LINK",
			"WS", "ws", "PRI", "X", "*", "GET/", "GET;", "G%45T", "ＧＥＴ", "GETGET", "LOCK", "MOVE", "PURGE", "SOURCE",
		} {
			for _, target := range []string{a.path, a.path + "/", a.path + "?x", "/." + a.path, "http://{host}" + a.path} {
				shots = append(shots, shot{method: method, target: target})
			}
		}
		for _, target := range []string{"/status", "/", a.path + "/x", "/status?" + a.path} {
			for _, fields := range misleading(a) {
				shots = append(shots, shot{method: "GET", target: target, fields: fields}, shot{method: "HEAD", target: target, fields: fields},
					shot{method: "GET", target: target, fields: fields + "Connection: keep-alive\n"})
			}
		}
		shots = append(shots, trailing(a)...)
	}
	return shots
}

// misleading are fields that name a's path or its method, in the spellings that CGI and its descendants take for one.
func misleading(a deed) (all []string) {
	for _, name := range []string{
		"X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "x-original-url", "X_Original_URL", "X.Original.URL", "X-Original_URL", "X_Rewrite-Url", "x.forwarded.uri", "X_FORWARDED_URI",
	} {
		for _, value := range []string{a.path, "http://{host}" + a.path, a.path[1:]} {
			all = append(all, fmt.Sprintf("%s: %s\n", name, value))
		}
		all = append(all,
			fmt.Sprintf("%s: /status\n%s: %s\n", name, name, a.path),
			fmt.Sprintf("Connection: %s\n%s: %s\n", name, name, a.path),
			fmt.Sprintf("Trailer: %s\n%s: %s\n", name, name, a.path))
	}
	for _, name := range []string{
		"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "x-http-method-override", "X_HTTP_Method_Override", "X.HTTP.Method.Override", "X-Http_Method-Override", "X_METHOD_OVERRIDE",
		"X-Forwarded-Method", "x_forwarded_method",
	} {
		all = append(all, fmt.Sprintf("%s: %s\nX-Original-URL: %s\n", name, a.method, a.path))
	}
	return all
}

// trailing are requests whose misleading field comes behind the body, and reads of a's path under another method's name.
func trailing(a deed) (shots []shot) {
	for _, name := range []string{"X-Original-URL", "X_Rewrite_URL", "x.forwarded.uri"} {
		for _, announced := range []string{"", "Trailer: " + name + "\n", "TE: trailers\nConnection: TE, Trailer\nTrailer: " + name + "\n"} {
			shots = append(shots, shot{
				method: "GET", target: "/status", fields: "Transfer-Encoding: chunked\n" + announced,
				body: "2\n{}\n0\n" + name + ": " + a.path + "\nX-HTTP-Method-Override: " + a.method + "\n\n",
			})
		}
	}
	for _, name := range []string{"X-HTTP-Method-Override", "X_HTTP_Method_Override", "x.method.override", "X-HTTP-Method"} {
		for _, more := range []string{"", "Connection: " + name + "\n"} {
			shots = append(shots, shot{method: "GET", target: a.path, fields: fmt.Sprintf("%s%s: %s\n", more, name, a.method)},
				shot{method: "HEAD", target: a.path, fields: fmt.Sprintf("%s%s: %s\n", more, name, a.method)},
				shot{method: "GET", target: a.path, fields: "Transfer-Encoding: chunked\nTrailer: " + name + "\n", body: "0\n" + name + ": " + a.method + "\n\n"})
		}
	}
	return shots
}
