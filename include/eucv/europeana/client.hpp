#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/europeana/page.hpp>
#include <eucv/europeana/query.hpp>
#include <eucv/europeana/service.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/secret.hpp>
#include <eucv/net/url.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace eucv::europeana {

/// The API key in the environment variable EUROPEANA_API_KEY. Throws errc::no_api_key where it is unset or empty, and
/// errc::invalid_api_key where it holds blanks, control characters or non-ASCII, which are not allowed in a header
/// field.
[[nodiscard]] net::secret_string api_key_from_environment();

/// The address of search.json, from a full address or from an origin, which gets "/record/v2/search.json". Throws
/// errc::bad_url for anything else, also for a query, which might hold a key.
[[nodiscard]] net::url search_endpoint(std::string_view text);

/// The address of the Search API of Europeana.
inline constexpr std::string_view default_endpoint = "https://api.europeana.eu/record/v2/search.json";

/// A client of the Search API, over any transport. The key is sent in the header field X-Api-Key and nowhere else.
///
///     net::client transport;
///     europeana::client api(transport, europeana::api_key_from_environment());
///
/// Waits, retries and limits are those of service. The same client, with its key and limits, serves the Entity API and
/// the Record API of the same host: entity.hpp, web_resource.hpp. The transport must outlive it.
template <net::transport Transport>
class client : public service<Transport> {
public:
  /// A client with that key; see api_key_from_environment().
  client(Transport& transport, net::secret_string key, client_options options = {})
      : service<Transport>(transport, std::move(key), options) {}

  /// Sets another address of search.json; see search_endpoint().
  client& at(net::url endpoint) { return endpoint_ = std::move(endpoint), *this; }
  /// Sets another clock and way to wait.
  client& with_time(time_source time) { return service<Transport>::with_time(std::move(time)), *this; }

  /// The address of search.json.
  [[nodiscard]] const net::url& endpoint() const noexcept { return endpoint_; }

  /// Fetches one page of a search. `mark` is "*" for the first, then `page::next`; empty for a search without cursor.
  ///
  /// Throws as service::ask() does, and errc::bad_record for a page that lacks a required field. The query must live
  /// until the call returns, the client until the task ends.
  net::task<page> search(const query& what, std::string_view mark) {
    auto read = [this, on = endpoint_.str()](const net::response& reply) {
      page found = parse_page(reply.body, on);
      for (auto& item : found.items)
        if (item) remove_key(*item);
      return found;
    };
    return this->ask(what.request(endpoint_, mark), "search Europeana", std::move(read));
  }

private:
  // The service writes the key of the caller into addresses that it makes; it is removed from all texts.
  void remove_key(record& item) const {
    for (std::string* text : {&item.image, &item.rights, &item.title, &item.creator, &item.data_provider,
                              &item.provider, &item.country, &item.landing_page, &item.preview})
      *text = this->hide(std::move(*text));
  }

  net::url endpoint_ = search_endpoint(default_endpoint);
};

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION_EUROPEANA
#include <algorithm>
#include <cstdlib>

namespace eucv::europeana {

net::secret_string api_key_from_environment() {
  const char* const name = "EUROPEANA_API_KEY";
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0')
    throw error(errc::no_api_key, {"read the API key", name, "the environment variable is not set",
                                   "get a free key at https://apis.europeana.eu and export EUROPEANA_API_KEY=..."});
  const std::string_view key = value;
  if (!std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; }))
    throw error(errc::invalid_api_key,
                {"read the API key", name, "it holds blanks or characters that no key has", "copy the key again"});
  return net::secret_string(std::string(key));
}

net::url search_endpoint(std::string_view text) {
  net::url address = net::parse_url(text).value();
  if (address.target.find('?') != std::string::npos)
    throw error(errc::bad_url, {"read the endpoint", address.origin(), "it holds a query",
                                "give the address of search.json alone, or only https://host"});
  if (address.target == "/") address.target = "/record/v2/search.json";
  return address;
}

} // namespace eucv::europeana
#endif
