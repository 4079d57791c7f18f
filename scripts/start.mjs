// `npm start`: what a newcomer sees first.
import './demo.mjs';
