package botapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/botlatch/botlatch/botapi"
	"github.com/botlatch/botlatch/botapi/sim"
)

func Example() {
	board := sim.New()
	bot := botapi.New(board)
	if err := bot.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = bot.Stop() }()
	server := httptest.NewServer(bot.Handler())
	defer server.Close()

	before := board.Actuations()
	response, err := http.Post(server.URL+"/api/door/unlock", "", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	fmt.Println(response.StatusCode, board.Servo(botapi.PinDoor), board.Actuations()-before)
	// Output: 200 90 1
}
