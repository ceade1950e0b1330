from orders.service import Service, served

served(Service, 7860).serve_forever()
