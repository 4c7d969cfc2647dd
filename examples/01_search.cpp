// Search Europeana, and read the pages of the result one after the other.
//
//     EUROPEANA_API_KEY=... 01_search rembrandt [ENDPOINT]
//
// ENDPOINT is the address of search.json; without it the real service is asked.
#include <eucv/europeana/client.hpp>
#include <eucv/europeana/cursor.hpp>
#include <eucv/europeana/query.hpp>
#include <eucv/net/client.hpp>
#include <eucv/net/run.hpp>

#include <iostream>
#include <string>

namespace europeana = eucv::europeana;
namespace net = eucv::net;

// Whatever waits for the network is a coroutine, a net::task. It may co_await others, as in a plain function call.
net::task<int> print_titles(europeana::client<net::client>& api, const std::string& words) {
  europeana::query what;
  what.match(europeana::escape(words)) // escape() takes the meaning out of signs such as ':' and '('
      .filter("TYPE:IMAGE")
      .reuse({europeana::reusability::open})
      .shuffle(7) // a random order, yet the same at every run; plain "sort=random" would repeat and lose items
      .rows(20);

  int seen = 0;
  europeana::cursor pages(api, what);
  while (auto page = co_await pages.next()) {
    if (seen == 0) std::cout << page->total << " images\n";
    for (const auto& item : page->items) {
      // One item may be malformed among thousands of good ones: it is a result, not an exception.
      if (!item) continue;
      std::cout << item->id << "  " << item->title << "  " << item->rights << '\n';
      ++seen;
    }
    if (seen >= 40) break; // a cursor is left whenever you like
  }
  co_return seen;
}

int main(int count, char** arguments) {
  try {
    // Endpoints that you choose may be private ones. Addresses that strangers wrote, such as those of images, are
    // fetched with the default rule, which refuses whatever leads into your own network.
    net::client_options options;
    if (count > 2) options.addresses = net::address_rule::any;
    net::client transport(options);

    europeana::client api(transport, europeana::api_key_from_environment());
    if (count > 2) api.at(europeana::search_endpoint(arguments[2]));

    const int seen = net::run(print_titles(api, count > 1 ? arguments[1] : "rembrandt")); // Ctrl-C cancels it cleanly
    return seen > 0 ? 0 : 1;
  } catch (const eucv::error& failure) {
    std::cerr << failure.what() << '\n'; // what, on what, why, and what to do
    return 1;
  }
}
