//! What is tested of licences with parts that are not public: the state that the payment provider's word leads to.

mod settling;
