// The API of `npm run backends` by net/http. Each execution is a line of COUNTS: the request's X-Id.
package main

import (
	"io"
	"net/http"
	"os"
	"time"
)

func main() {
	counts, err := os.OpenFile(os.Getenv("COUNTS"), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		panic(err)
	}
	act := func(action string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "GET" {
				return
			}
			if action == "read" {
				io.Copy(io.Discard, r.Body)
			}
			counts.WriteString(r.Header.Get("X-Id") + "\n")
			if action == "slow" {
				time.Sleep(1200 * time.Millisecond)
			}
			if action == "drop" {
				connection, _, _ := w.(http.Hijacker).Hijack()
				connection.Close()
				return
			}
			io.WriteString(w, "ok")
		}
	}
	mux := http.NewServeMux()
	for _, action := range []string{"read", "slow", "drop"} {
		mux.HandleFunc("/"+action, act(action))
		mux.HandleFunc("/"+action+"/", act(action))
	}
	panic(http.ListenAndServe(os.Args[1], mux))
}
