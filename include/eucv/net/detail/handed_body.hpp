#pragma once

#include <eucv/core/implementation.hpp>

// Seen where the implementation is compiled, as http_message.hpp is.
#ifdef EUCV_IMPLEMENTATION_NET
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional/optional.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string_view>

namespace eucv::net::detail {

/// A function that takes a piece of a body, not empty; returns false to stop reading.
using body_part = std::function<bool(std::string_view piece)>;

/// A body type for Beast's parsers that stores nothing: each piece is passed on from the buffer of the connection.
///
/// Beast's own buffer_body copies each piece once more. An exception of `take` is stored, since it must not pass
/// through the operations of Asio: read_some ends with an error then, as it does when reading is to stop.
struct handed_body {
  struct value_type {
    const body_part* take = nullptr; ///< set before the body is read
    std::exception_ptr thrown;
    bool is_enough = false;
  };

  class reader {
  public:
    template <bool is_request, class Fields>
    reader(boost::beast::http::header<is_request, Fields>&, value_type& body) : body_(body) {}

    void init(const boost::optional<std::uint64_t>&, boost::system::error_code& code) { code = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& code) {
      code = {};
      std::size_t taken = 0;
      for (const auto piece : boost::beast::buffers_range_ref(buffers)) {
        if (piece.size() == 0) continue;
        try {
          body_.is_enough = !(*body_.take)({static_cast<const char*>(piece.data()), piece.size()});
        } catch (...) {
          body_.thrown = std::current_exception();
        }
        if (body_.is_enough || body_.thrown) {
          code = boost::beast::http::error::body_limit; // any will do
          return taken;
        }
        taken += piece.size();
      }
      return taken;
    }
    void finish(boost::system::error_code& code) { code = {}; }

  private:
    value_type& body_;
  };
};

} // namespace eucv::net::detail
#endif
